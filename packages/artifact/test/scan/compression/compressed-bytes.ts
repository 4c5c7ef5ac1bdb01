/**
 * Streams of codecs that Node.js cannot write, made with the reference programs (bzip2 1.0, xz 5.4,
 * LZ4 frame). Each holds `PLAIN`.
 *
 * @module
 */
const TEXT = 'the model in production is the model that was tested. ';

export const PLAIN: Buffer = Buffer.from(TEXT.repeat(8));

export const BZIP2: Buffer = Buffer.from(
  'QlpoOTFBWSZTWdr539oAAMWRgEABLmfegCAAkCmmRiYmIFVT0TI00NPU5HQ4CB6KiwoNDAkZEjA0NqhcXCAZECBYICw9GgkUG4kfCo4FB4LAkZFB+LuSKcKEhtfO/tA=',
  'base64',
);

export const XZ: Buffer = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AGvADRdADoaCM52o8D72rvxubbC0i0nX16SGzk/8YMvq4f92gzCvQTaGgUCtaSWSqeqUnfbGANtAAAAkE2i3/3LWWoAAVCwAwAAANB7qc2xxGf7AgAAAAAEWVo=',
  'base64',
);

export const LZMA: Buffer = Buffer.from(
  'XQAAgAD//////////wA6GgjOdqPA+9q78bm2wtItJ19ekhs5P/GDL6uH/doMwr0E2hoFArWklkqnqlJ32xgjVJ4//+/3OAA=',
  'base64',
);

export const LZ4: Buffer = Buffer.from(
  'BCJNGGBAgj4AAAD2DHRoZSBtb2RlbCBpbiBwcm9kdWN0aW9uIGlzIBsA9wF0aGF0IHdhcyB0ZXN0ZWQuGwAPNgD/WVB0ZWQuIAAAAAA=',
  'base64',
);
