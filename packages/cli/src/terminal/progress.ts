/**
 * A progress bar for work over one second, on a terminal only.
 *
 * @module
 */

export interface Progress {
  /**
   * `done` of `total` in the unit of the bar; `detail` stands behind it (bounded). `reused` of `done`
   * cost no time, and count for neither rate nor time left.
   */
  update(done: number, total: number, detail?: string, reused?: number): void;
  /** Removes the bar. Safe to call twice. */
  end(): void;
}

/** What is counted; of bytes the rate is shown. */
export type ProgressUnit = 'bytes' | 'pieces';

type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

const SHOW_AFTER_MS = 1000;
const REDRAW_MS = 100;
const BAR_CELLS = 28;

export function startProgress(
  label: string,
  terminal: Terminal,
  nowMs: () => number,
  unit: ProgressUnit = 'pieces',
): Progress {
  const startedMs = nowMs();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    update(done, total, detail = '', reused = 0) {
      const now = nowMs();
      if (terminal.isTTY !== true || now - startedMs < SHOW_AFTER_MS) return;
      if (now - drawnMs < REDRAW_MS && done < total) return;
      drawnMs = now;
      shown = true;
      const text = barLine(label, done, total, {
        elapsedMs: now - startedMs,
        detail,
        reused,
        unit,
      });
      terminal.write(`\r\u001b[2K${text.slice(0, (terminal.columns ?? 80) - 1)}`);
    },
    end() {
      if (shown) terminal.write('\r\u001b[2K');
      shown = false;
    },
  };
}

interface BarExtra {
  readonly elapsedMs: number;
  readonly detail: string;
  readonly reused?: number;
  readonly unit?: ProgressUnit;
}

/** `label [#####.....]  42 % 31.5 MB/s 0:12 left  detail` */
export function barLine(label: string, done: number, total: number, extra: BarExtra): string {
  const { elapsedMs, detail, reused = 0, unit = 'pieces' } = extra;
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const filled = Math.round(share * BAR_CELLS);
  const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}`;
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  const perMs = elapsedMs > 0 ? Math.max(0, done - reused) / elapsedMs : 0;
  const rate = unit === 'bytes' && perMs > 0 ? ` ${(perMs / 1000).toFixed(1)} MB/s` : '';
  const left = perMs > 0 ? ` ${formatLeft(Math.max(0, total - done) / perMs)} left` : '';
  return `${label} [${bar}] ${percent} %${rate}${left}${detail === '' ? '' : `  ${detail}`}`;
}

function formatLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`;
}
