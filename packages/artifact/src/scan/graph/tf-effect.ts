/**
 * Operations of TensorFlow that reach outside the graph, and what they do (rule T-1).
 *
 * Saving and restoring checkpoints is not among them: every SavedModel holds those operations, and
 * the runtime passes the path. They are judged by their paths (`tf-path.ts`).
 *
 * @module
 */

const EFFECTS: readonly (readonly [effect: string, names: string])[] = [
  [
    'reads any file',
    'ReadFile ImmutableConst MatchingFiles MatchingFilesDataset ExperimentalMatchingFilesDataset TextLineDataset TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset FixedLengthRecordDatasetV2 CSVDataset CSVDatasetV2 ExperimentalCSVDataset LMDBDataset ExperimentalLMDBDataset SqlDataset ExperimentalSqlDataset LoadDataset ListSnapshotChunksDataset SnapshotChunkDataset SnapshotNestedDatasetReader FixedLengthRecordReader FixedLengthRecordReaderV2 LMDBReader TextLineReader TextLineReaderV2 TFRecordReader TFRecordReaderV2 WholeFileReader WholeFileReaderV2 LoadAndRemapMatrix GenerateVocabRemapping Skipgram',
  ],
  [
    'writes any file',
    'WriteFile SaveDataset SaveDatasetV2 DatasetToTFRecord ExperimentalDatasetToTFRecord SnapshotDataset SnapshotDatasetV2 SnapshotDatasetReader DistributedSave CacheDataset CacheDatasetV2',
  ],
  ['runs a graph that is data', 'DatasetFromGraph'],
  ['runs Python code', 'PyFunc EagerPyFunc PyFuncStateless'],
  ['writes files of its own choosing', 'CreateSummaryFileWriter CreateSummaryDbWriter'],
  [
    'connects to the network',
    'DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3 DataServiceDatasetV4 RegisterDataset RegisterDatasetV2 RpcCall RpcClient RpcServer RpcServerStart',
  ],
  ['changes how files are reached', 'FileSystemSetConfiguration'],
];

export const TF_EFFECTS: ReadonlyMap<string, string> = new Map(
  EFFECTS.flatMap(([effect, names]) =>
    names.split(' ').map((name): [string, string] => [name, effect]),
  ),
);

/** Attributes that name a place to write to, of whichever operation. */
export const TARGET_ATTRIBUTES: ReadonlySet<string> = new Set(['output_stream', 'debug_urls']);
