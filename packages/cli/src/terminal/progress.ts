/**
 * A progress bar for work over one second, on a terminal only.
 *
 * @module
 */

export interface Progress {
  /** `done` of `total` in any unit; `detail` stands behind the bar (bounded). */
  update(done: number, total: number, detail?: string): void;
  /** Removes the bar. Safe to call twice. */
  end(): void;
}

type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

const SHOW_AFTER_MS = 1000;
const REDRAW_MS = 100;
const BAR_CELLS = 28;

export function startProgress(label: string, terminal: Terminal, nowMs: () => number): Progress {
  const startedMs = nowMs();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    update(done, total, detail = '') {
      const now = nowMs();
      if (terminal.isTTY !== true || now - startedMs < SHOW_AFTER_MS) return;
      if (now - drawnMs < REDRAW_MS && done < total) return;
      drawnMs = now;
      shown = true;
      const text = barLine(label, done, total, { elapsedMs: now - startedMs, detail });
      terminal.write(`\r\u001b[2K${text.slice(0, (terminal.columns ?? 80) - 1)}`);
    },
    end() {
      if (shown) terminal.write('\r\u001b[2K');
      shown = false;
    },
  };
}

/** `label [#####.....]  42 %  0:12 left  detail` */
export function barLine(
  label: string,
  done: number,
  total: number,
  extra: { readonly elapsedMs: number; readonly detail: string },
): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const filled = Math.round(share * BAR_CELLS);
  const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}`;
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  const left = share > 0 ? ` ${formatLeft((extra.elapsedMs * (1 - share)) / share)} left` : '';
  return `${label} [${bar}] ${percent} %${left}${extra.detail === '' ? '' : `  ${extra.detail}`}`;
}

function formatLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`;
}
