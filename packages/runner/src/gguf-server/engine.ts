/**
 * Runs a GGUF model through `node-llama-cpp`, behind the few calls that the server needs.
 *
 * The package is the operator's and is not a dependency of ours: it is imported by name at run time
 * from `/node_modules` of the sandbox, and typed here by what is used of it (version 3). One answer
 * at a time: a context has one sequence, so a second caller waits.
 *
 * @module
 */
import { availableParallelism } from 'node:os';

import type { ChatRequest } from '../model-server/chat-request.ts';

export interface EngineResult {
  readonly finishReason: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface Engine {
  /** Generates one answer; `onText` gets its pieces in order. */
  chat(
    request: ChatRequest,
    signal: AbortSignal,
    onText: (text: string) => void,
  ): Promise<EngineResult>;
}

export type HistoryItem =
  | { readonly type: 'system' | 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: readonly string[] };

interface Sequence {
  readonly tokenMeter: { getState(): TokenCounts };
  clearHistory(): Promise<void>;
}

interface TokenCounts {
  readonly usedInputTokens: number;
  readonly usedOutputTokens: number;
}

interface Session {
  setChatHistory(history: readonly HistoryItem[]): void;
  promptWithMeta(text: string, options: object): Promise<{ readonly stopReason: string }>;
  dispose(options: object): void;
}

interface LlamaPackage {
  getLlama(options: object): Promise<{
    loadModel(options: object): Promise<{
      createContext(options: object): Promise<{ getSequence(): Sequence }>;
    }>;
  }>;
  readonly LlamaChatSession: new (options: object) => Session;
}

const CONTEXT_TOKENS = 4096;
const PACKAGE = 'node-llama-cpp';

export async function loadEngine(modelFile: string): Promise<Engine> {
  const llamaPackage = (await import(PACKAGE)) as LlamaPackage;
  // `build: never`: nothing is compiled or downloaded, also not as a fallback.
  const llama = await llamaPackage.getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: 'error',
  });
  const model = await llama.loadModel({ modelPath: modelFile });
  // More threads than free cores make them wait for each other: four threads on two busy cores
  // took twenty-five times as long as one.
  const threads = Math.max(1, Math.floor(availableParallelism() / 2));
  const context = await model.createContext({ contextSize: { max: CONTEXT_TOKENS }, threads });
  const sequence = context.getSequence();
  let last: Promise<unknown> = Promise.resolve();
  return {
    async chat(request, signal, onText) {
      const turn = last.then(() => answer(llamaPackage, sequence, request, { signal, onText }));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function answer(
  llamaPackage: LlamaPackage,
  sequence: Sequence,
  request: ChatRequest,
  output: { readonly signal: AbortSignal; readonly onText: (text: string) => void },
): Promise<EngineResult> {
  output.signal.throwIfAborted();
  // Nothing of one request may be visible to the next, be it another tenant's or not.
  await sequence.clearHistory();
  const session = new llamaPackage.LlamaChatSession({
    contextSequence: sequence,
    autoDisposeSequence: false,
    systemPrompt: '',
  });
  try {
    const { history, prompt } = splitMessages(request.messages);
    session.setChatHistory(history);
    const before = sequence.tokenMeter.getState();
    const { stopReason } = await session.promptWithMeta(prompt, {
      maxTokens: request.maxTokens,
      temperature: request.sampling.temperature,
      topP: request.sampling.topP,
      // llama.cpp takes an unsigned 32-bit seed.
      seed: Math.abs(request.sampling.seed) % 0x1_0000_0000,
      customStopTriggers: request.stop,
      signal: output.signal,
      onTextChunk: output.onText,
    });
    const after = sequence.tokenMeter.getState();
    return {
      finishReason: stopReason === 'maxTokens' ? 'length' : 'stop',
      promptTokens: after.usedInputTokens - before.usedInputTokens,
      completionTokens: after.usedOutputTokens - before.usedOutputTokens,
    };
  } finally {
    session.dispose({ disposeSequence: false });
  }
}

/** The last message is the prompt, what comes before it is history. */
export function splitMessages(messages: ChatRequest['messages']): {
  readonly history: readonly HistoryItem[];
  readonly prompt: string;
} {
  const history = messages.slice(0, -1).map(({ role, content }): HistoryItem => {
    if (role === 'assistant') return { type: 'model', response: [content] };
    // The chat format of the package has no tool role without a function call: it is user input.
    return { type: role === 'system' ? 'system' : 'user', text: content };
  });
  return { history, prompt: messages.at(-1)?.content ?? '' };
}
