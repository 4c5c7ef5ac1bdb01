/**
 * What importing from a well-known module gives a pickle, for messages only.
 *
 * This is not a denylist: a module that is missing here is denied all the same. It lets a finding
 * say what would happen, and lets the search behind a broken point tell code from prose.
 *
 * @module
 */

const EFFECTS: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        'runs a shell command',
        'os posix nt subprocess commands popen2 pty platform asyncio.subprocess multiprocessing distutils.spawn setuptools.command pexpect',
      ],
      [
        'runs Python code',
        'builtins __builtin__ runpy code codeop bdb pdb timeit cProfile profile trace doctest idlelib lib2to3 test unittest IPython',
      ],
      [
        'imports or installs code',
        'importlib pkgutil imp zipimport pip ensurepip venv site pydoc sys modulefinder',
      ],
      [
        'reaches any attribute or builds any function',
        'operator functools types inspect _operator copyreg copy_reg marshal dill cloudpickle weakref',
      ],
      [
        'unpickles more data',
        'pickle _pickle cPickle shelve joblib torch.serialization pandas.io.pickle jsonpickle',
      ],
      [
        'opens a network connection',
        'socket _socket urllib urllib2 requests httplib http httpx ftplib smtplib telnetlib aiohttp webbrowser ssl xmlrpc poplib imaplib nntplib',
      ],
      [
        'reads, writes or deletes files',
        'io _io shutil pathlib tempfile fileinput linecache glob zipfile tarfile logging codecs sqlite3 dbm mmap',
      ],
      [
        'loads native code',
        'ctypes _ctypes cffi torch.utils.cpp_extension torch.ops numpy.ctypeslib numpy.f2py',
      ],
      [
        'starts threads or signals',
        'threading _thread thread signal sched atexit gc faulthandler concurrent',
      ],
    ] as const
  ).flatMap(([effect, modules]) =>
    modules.split(' ').map((module): [string, string] => [module, effect]),
  ),
);

/** The effect of the module or of the nearest package above it, or null. */
export function knownEffect(module: string): string | null {
  for (let name = module; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const effect = EFFECTS.get(name);
    if (effect !== undefined) return effect;
  }
  return null;
}
