/**
 * What a pickle may import: exact (module, qualified name) pairs, and how each may be called.
 *
 * A pair is here only if neither importing nor calling it with the checked arguments can run code
 * of the file, open a file or reach the network. Nothing is inherited: not by prefix, not by
 * package. Everything else is denied, with or without a call, because the import itself runs code.
 *
 * @module
 */

/**
 * How an allowed name may be called:
 * `any` a plain constructor; `value` never called; the others name a check in `call-check.ts`.
 */
export type CallRule =
  | 'any'
  | 'value'
  | 'encode'
  | 'reconstructor'
  | 'items'
  | 'factory'
  | 'class-first'
  | 'two-classes'
  | 'rebuild'
  | 'random'
  | 'nested';

type Group = readonly [rule: CallRule, module: string, names: string];

const PYTHON: readonly Group[] = [
  ['items', 'builtins', 'set frozenset list dict tuple bytes bytearray'],
  ['any', 'builtins', 'complex int float bool str object slice range xrange long unicode'],
  ['reconstructor', 'copyreg', '_reconstructor'],
  ['encode', '_codecs', 'encode'],
  ['any', 'collections', 'OrderedDict'],
  ['items', 'collections', 'deque Counter'],
  ['factory', 'collections', 'defaultdict'],
  ['any', 'datetime', 'datetime date time timedelta timezone'],
  ['any', 'decimal', 'Decimal'],
  ['any', 'fractions', 'Fraction'],
  ['any', 'uuid', 'UUID'],
  ['any', 'argparse', 'Namespace'],
  ['any', 'pathlib', 'PosixPath PurePosixPath WindowsPath PureWindowsPath Path PurePath'],
];

const NUMPY_SCALARS =
  'bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 intc intp uintc uintp longlong ulonglong float16 float32 float64 longdouble complex64 complex128 clongdouble str_ bytes_ datetime64 timedelta64';

const NUMPY: readonly Group[] = [
  ['any', 'numpy', `dtype ndarray matrix ${NUMPY_SCALARS}`],
  ['class-first', 'numpy.core.multiarray', '_reconstruct scalar'],
  ['class-first', 'numpy._core.multiarray', '_reconstruct scalar'],
  ['class-first', 'numpy.core.numeric', '_frombuffer'],
  ['class-first', 'numpy._core.numeric', '_frombuffer'],
  ['any', 'numpy.matrixlib.defmatrix', 'matrix'],
  ['two-classes', 'numpy.ma.core', '_mareconstruct'],
  ['any', 'numpy.ma.core', 'MaskedArray'],
  ['any', 'numpy.ma', 'MaskedArray'],
  ['random', 'numpy.random._pickle', '__randomstate_ctor __generator_ctor __bit_generator_ctor'],
  ['class-first', 'numpy.random.bit_generator', '__pyx_unpickle_SeedSequence'],
  ['any', 'numpy.random.bit_generator', 'SeedSequence SeedlessSequence'],
  ['any', 'numpy.random.mtrand', 'RandomState'],
  ['any', 'numpy.random._mt19937', 'MT19937'],
  ['any', 'numpy.random._pcg64', 'PCG64 PCG64DXSM'],
  ['any', 'numpy.random._philox', 'Philox'],
  ['any', 'numpy.random._sfc64', 'SFC64'],
  ['any', 'joblib.numpy_pickle', 'NumpyArrayWrapper NDArrayWrapper ZNDArrayWrapper'],
  ['any', 'joblib.numpy_pickle_compat', 'NDArrayWrapper ZNDArrayWrapper'],
];

const STORAGES =
  'FloatStorage DoubleStorage HalfStorage BFloat16Storage LongStorage IntStorage ShortStorage CharStorage ByteStorage BoolStorage ComplexFloatStorage ComplexDoubleStorage QInt8Storage QUInt8Storage QInt32Storage QUInt4x2Storage QUInt2x4Storage';
const DTYPES =
  'float16 float32 float64 bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool complex32 complex64 complex128 qint8 quint8 qint32 half float double short int long strided sparse_coo sparse_csr contiguous_format preserve_format channels_last channels_last_3d per_tensor_affine per_channel_affine';

const TORCH: readonly Group[] = [
  ['value', 'torch', `${STORAGES} ${DTYPES}`],
  ['any', 'torch', 'Size device Tensor FloatTensor DoubleTensor HalfTensor LongTensor IntTensor'],
  ['value', 'torch.cuda', `${STORAGES}`],
  ['any', 'torch.storage', 'UntypedStorage TypedStorage _UntypedStorage _TypedStorage'],
  ['nested', 'torch.storage', '_load_from_bytes'],
  [
    'any',
    'torch._utils',
    '_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor _rebuild_sparse_csr_tensor _rebuild_meta_tensor_no_storage _rebuild_device_tensor_from_numpy',
  ],
  ['rebuild', 'torch._tensor', '_rebuild_from_type_v2'],
  ['any', 'torch.nn.parameter', 'Parameter Buffer UninitializedParameter'],
  ['encode', 'torch.serialization', '_get_layout'],
  ['any', 'torch.torch_version', 'TorchVersion'],
  [
    'any',
    'torch.jit._pickle',
    'build_intlist build_tensorlist build_doublelist build_boollist build_tensor_from_id restore_type_tag',
  ],
];

/** Classes of torch.nn that hold only parameters and settings. */
const MODULES: readonly Group[] = [
  [
    'any',
    'torch.nn.modules.activation',
    'ReLU ReLU6 GELU SiLU Sigmoid Tanh Softmax LogSoftmax LeakyReLU ELU PReLU Softplus Hardswish Hardsigmoid Hardtanh Mish MultiheadAttention',
  ],
  ['any', 'torch.nn.modules.batchnorm', 'BatchNorm1d BatchNorm2d BatchNorm3d'],
  [
    'any',
    'torch.nn.modules.container',
    'Sequential ModuleList ModuleDict ParameterList ParameterDict',
  ],
  [
    'any',
    'torch.nn.modules.conv',
    'Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d',
  ],
  ['any', 'torch.nn.modules.dropout', 'Dropout Dropout1d Dropout2d Dropout3d'],
  ['any', 'torch.nn.modules.flatten', 'Flatten Unflatten'],
  ['any', 'torch.nn.modules.linear', 'Linear Identity Bilinear'],
  [
    'any',
    'torch.nn.modules.loss',
    'MSELoss CrossEntropyLoss BCELoss BCEWithLogitsLoss L1Loss NLLLoss SmoothL1Loss',
  ],
  ['any', 'torch.nn.modules.normalization', 'LayerNorm GroupNorm LocalResponseNorm RMSNorm'],
  [
    'any',
    'torch.nn.modules.pooling',
    'MaxPool1d MaxPool2d AvgPool1d AvgPool2d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool2d',
  ],
  ['any', 'torch.nn.modules.rnn', 'RNN LSTM GRU'],
  ['any', 'torch.nn.modules.sparse', 'Embedding EmbeddingBag'],
  [
    'any',
    'torch.nn.modules.transformer',
    'Transformer TransformerEncoder TransformerEncoderLayer TransformerDecoder TransformerDecoderLayer',
  ],
];

/** Estimators and their parts whose state is arrays and settings. */
const SCIENCE: readonly Group[] = [
  ['any', 'sklearn.linear_model._logistic', 'LogisticRegression LogisticRegressionCV'],
  ['any', 'sklearn.linear_model.logistic', 'LogisticRegression'],
  ['any', 'sklearn.linear_model._base', 'LinearRegression'],
  ['any', 'sklearn.linear_model._ridge', 'Ridge RidgeCV RidgeClassifier RidgeClassifierCV'],
  ['any', 'sklearn.linear_model._coordinate_descent', 'Lasso LassoCV ElasticNet ElasticNetCV'],
  ['any', 'sklearn.linear_model._stochastic_gradient', 'SGDClassifier SGDRegressor'],
  ['any', 'sklearn.linear_model._perceptron', 'Perceptron'],
  ['any', 'sklearn.svm._classes', 'SVC SVR LinearSVC LinearSVR NuSVC NuSVR OneClassSVM'],
  [
    'any',
    'sklearn.tree._classes',
    'DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor',
  ],
  ['class-first', 'sklearn.tree._tree', 'Tree'],
  [
    'any',
    'sklearn.ensemble._forest',
    'RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor',
  ],
  ['any', 'sklearn.ensemble._gb', 'GradientBoostingClassifier GradientBoostingRegressor'],
  ['any', 'sklearn.ensemble._iforest', 'IsolationForest'],
  ['any', 'sklearn.ensemble._weight_boosting', 'AdaBoostClassifier AdaBoostRegressor'],
  ['any', 'sklearn.ensemble._voting', 'VotingClassifier VotingRegressor'],
  ['any', 'sklearn.naive_bayes', 'GaussianNB MultinomialNB BernoulliNB ComplementNB'],
  ['any', 'sklearn.neighbors._classification', 'KNeighborsClassifier'],
  ['class-first', 'sklearn.neighbors._kd_tree', 'newObj'],
  ['class-first', 'sklearn.neighbors._ball_tree', 'newObj'],
  ['any', 'sklearn.neighbors._kd_tree', 'KDTree KDTree32 KDTree64'],
  ['any', 'sklearn.neighbors._ball_tree', 'BallTree BallTree32 BallTree64'],
  ['class-first', 'sklearn.metrics._dist_metrics', 'newObj'],
  [
    'any',
    'sklearn.metrics._dist_metrics',
    'EuclideanDistance EuclideanDistance32 EuclideanDistance64 ManhattanDistance ManhattanDistance64 MinkowskiDistance MinkowskiDistance64 ChebyshevDistance ChebyshevDistance64',
  ],
  [
    'any',
    'sklearn._loss.loss',
    'HalfBinomialLoss HalfSquaredError HalfMultinomialLoss AbsoluteError HuberLoss PinballLoss HalfPoissonLoss HalfGammaLoss ExponentialLoss',
  ],
  [
    'any',
    'sklearn._loss._loss',
    'CyHalfBinomialLoss CyHalfSquaredError CyHalfMultinomialLoss CyAbsoluteError CyHuberLoss CyPinballLoss CyHalfPoissonLoss CyHalfGammaLoss CyExponentialLoss',
  ],
  [
    'any',
    'sklearn._loss.link',
    'LogitLink IdentityLink MultinomialLogit LogLink HalfLogitLink Interval',
  ],
  ['any', 'sklearn.dummy', 'DummyClassifier DummyRegressor'],
  ['any', 'sklearn.neighbors._regression', 'KNeighborsRegressor'],
  ['any', 'sklearn.neural_network._multilayer_perceptron', 'MLPClassifier MLPRegressor'],
  ['any', 'sklearn.cluster._kmeans', 'KMeans MiniBatchKMeans'],
  ['any', 'sklearn.cluster._dbscan', 'DBSCAN'],
  ['any', 'sklearn.decomposition._pca', 'PCA'],
  ['any', 'sklearn.decomposition._truncated_svd', 'TruncatedSVD'],
  [
    'any',
    'sklearn.discriminant_analysis',
    'LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis',
  ],
  ['any', 'sklearn.pipeline', 'Pipeline FeatureUnion'],
  ['any', 'sklearn.compose._column_transformer', 'ColumnTransformer _RemainderColsList'],
  ['any', 'sklearn.impute._base', 'SimpleImputer MissingIndicator'],
  [
    'any',
    'sklearn.preprocessing._data',
    'StandardScaler MinMaxScaler MaxAbsScaler RobustScaler Normalizer PolynomialFeatures PowerTransformer QuantileTransformer',
  ],
  ['any', 'sklearn.preprocessing._encoders', 'OneHotEncoder OrdinalEncoder'],
  ['any', 'sklearn.preprocessing._label', 'LabelEncoder LabelBinarizer MultiLabelBinarizer'],
  [
    'any',
    'sklearn.feature_extraction.text',
    'CountVectorizer TfidfVectorizer TfidfTransformer HashingVectorizer',
  ],
  ['any', 'sklearn.feature_selection._univariate_selection', 'SelectKBest SelectPercentile'],
  ['any', 'sklearn.utils._bunch', 'Bunch'],
  ['any', 'sklearn.utils', 'Bunch'],
  ['any', 'scipy.sparse._csr', 'csr_matrix csr_array'],
  ['any', 'scipy.sparse._csc', 'csc_matrix csc_array'],
  ['any', 'scipy.sparse._coo', 'coo_matrix coo_array'],
  ['any', 'scipy.sparse.csr', 'csr_matrix'],
  ['any', 'scipy.sparse.csc', 'csc_matrix'],
  ['any', 'scipy.sparse.coo', 'coo_matrix'],
];

/** Names of Python 2 modules that an unpickler maps to their Python 3 names below protocol 3. */
export const PYTHON2_MODULES: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
]);

/** How each allowed import may be called, by `module:name`. */
export const ALLOWED_IMPORTS: ReadonlyMap<string, CallRule> = new Map(
  [...PYTHON, ...NUMPY, ...TORCH, ...MODULES, ...SCIENCE].flatMap(([rule, module, names]) =>
    names.split(' ').map((name): [string, CallRule] => [`${module}:${name}`, rule]),
  ),
);
