/**
 * Compressed single streams around a model: joblib, numpy, plain (requirement Z-5).
 *
 * The stream is inflated within the bounds of the scan and its content inspected as a member, so
 * twice-compressed content counts as nesting. Bytes behind the stream are reported.
 *
 * @module
 */
import { bytesSource, sliceSource } from '../byte-source.ts';
import { ScanError, faultOffset } from '../errors.ts';
import type { Inspection } from '../inspection.ts';
import type { Codec } from './inflate.ts';
import { inflate } from './inflate.ts';

const MAX_PACKED_BYTES = 512 * 1024 * 1024;
/** Own decoders are slower: their output is bounded so that no file stalls the scan. */
const SLOW_LIMITS: Readonly<Partial<Record<Codec, number>>> = {
  bzip2: 24 * 1024 * 1024,
  xz: 48 * 1024 * 1024,
  lzma: 48 * 1024 * 1024,
};
/** Magic, then a length as text padded to this many bytes (joblib before 0.10). */
const ZFILE_HEADER_BYTES = 21;

export function readCompressed(inspection: Inspection, codec: Codec | 'joblib-zfile'): void {
  inspection.format = codec;
  const { source } = inspection;
  const start = codec === 'joblib-zfile' ? zfileStart(inspection) : 0;
  const real = codec === 'joblib-zfile' ? 'zlib' : codec;
  if (source.sizeBytes > MAX_PACKED_BYTES) {
    inspection.report('M-3', 'the compressed stream is too long to be judged', 0);
    return;
  }
  const input = source.read(start, source.sizeBytes - start);
  const limit = Math.min(inspection.job.inflatableBytes, SLOW_LIMITS[real] ?? Infinity);
  try {
    const { bytes, consumed } = inflate(real, input, Math.max(1, limit));
    inspection.job.inflated(bytes.length);
    inspection.spend(Math.ceil(bytes.length / 4096));
    const inner = inspection.member(innerName(inspection.place.name), bytesSource(bytes));
    inspection.format = inner.format === 'pickle' ? 'joblib' : inner.format;
    if (consumed < input.length) behind(inspection, start + consumed);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    const id = error.code === 'SCAN_LIMIT' ? 'Z-5' : 'Z-3-U';
    inspection.report(
      id,
      `the ${real} stream cannot be read: ${error.message}`,
      faultOffset(error),
    );
  }
}

function behind(inspection: Inspection, offset: number): void {
  const left = inspection.source.sizeBytes - offset;
  inspection.report('Z-3', `${left} bytes follow the compressed stream`, offset);
  inspection.member(
    `bytes@${offset}`,
    sliceSource(inspection.source, offset, inspection.source.sizeBytes),
  );
}

/** The name without the extension of the codec, so that what is inside is judged by its own. */
function innerName(name: string): string {
  const bare = name.replace(/\.(?:gz|gzip|z|bz2|xz|lzma|lz4|zst|zstd)$/i, '');
  return bare === name ? `${name}.inflated` : bare;
}

function zfileStart(inspection: Inspection): number {
  const header = inspection.source.read(0, ZFILE_HEADER_BYTES + 1);
  return header[ZFILE_HEADER_BYTES] === 0x20 ? ZFILE_HEADER_BYTES + 1 : ZFILE_HEADER_BYTES;
}
