"""Writes model files with the tools that people use: safe ones and hostile ones, in two folders, and
whole folders in which one file says what would run, in a third."""

import io
import operator
import os
import pickle
import sys
import tempfile
import zipfile

import cloudpickle
import dill
import h5py
import joblib
import mlflow
import numpy
import pandas
import skops.io
import xgboost
import yaml
import zarr
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

ROOT = sys.argv[1]
CODECS = ["zlib", "gzip", "bz2", "xz", "lzma", "lz4"]


class Evil:
    """Calls eval when it is unpickled. Nothing here unpickles it."""

    def __reduce__(self):
        return (eval, ("1",))


def at(*parts):
    path = os.path.join(ROOT, *parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def write(content, *parts):
    with open(at(*parts), "wb") as file:
        file.write(content)


random = numpy.random.default_rng(1)
rows, labels = random.normal(size=(60, 4)), numpy.array([0, 1] * 30)

# Estimators, by every codec and protocol.
pipe = make_pipeline(StandardScaler(), FunctionTransformer(numpy.cbrt), LogisticRegression())
for name, model in {
    "pipe": pipe.fit(rows, labels),
    "forest": RandomForestClassifier(3).fit(rows, labels),
    "boost": HistGradientBoostingClassifier(max_iter=3).fit(rows, labels),
}.items():
    joblib.dump(model, at("safe", f"{name}.joblib"))
    for protocol in range(2, 6):
        write(pickle.dumps(model, protocol), "safe", f"{name}-{protocol}.pkl")
    for codec in CODECS:
        joblib.dump(model, at("safe", f"{name}-{codec}.joblib"), compress=(codec, 3))
skops.io.dump(pipe, at("safe", "pipe.skops"))
frame = pandas.DataFrame({"a": [1.0, 2.0], "b": pandas.Categorical(["x", "y"])})
frame.to_pickle(at("safe", "frame.pkl"))

# Boosters in each form of their own.
booster = xgboost.XGBClassifier(n_estimators=3).fit(rows, labels)
for extension in ["json", "ubj"]:
    booster.save_model(at("safe", f"xgboost.{extension}"))
booster.get_booster().save_model(at("safe", "xgboost.model"))

# Arrays and tensors; a header of 384 bytes begins like a pickle.
numpy.savez_compressed(at("safe", "arrays.npz"), a=rows, b=numpy.array(["x"]))
numpy.save(at("safe", "records.npy"), numpy.zeros(3, dtype=[("a", "f4"), ("b", "i8", (2,))]))
for pad in range(250, 330):
    save_file({"w": rows}, at("safe", f"padded-{pad}.safetensors"), {"pad": "x" * pad})

# Groups with so many members that HDF5 stores them densely.
for version in ["v108", "latest"]:
    for count in [8, 9, 300]:
        for kind in ["safe", "hostile"]:
            path = at(kind, f"group-{version}-{count}.h5")
            with h5py.File(path, "w", libver=(version, "latest")) as file:
                for n in range(count):
                    file.create_group(f"layer_{n}")
                if kind == "hostile":
                    file["other"] = h5py.ExternalLink("/etc/hostname", "/")


def onnx_model(tensor):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [value("x", TensorProto.FLOAT, [None, 4])],
        [value("y", TensorProto.FLOAT, [None, 3])],
        [tensor],
    )
    return helper.make_model(graph).SerializeToString()


weights = numpy_helper.from_array(numpy.ones((4, 3), "f4"), "w")
write(onnx_model(weights), "safe", "model.onnx")
weights.ClearField("raw_data")
weights.data_location = TensorProto.EXTERNAL
location = weights.external_data.add()
location.key, location.value = "location", "../../outside"
write(onnx_model(weights), "hostile", "outside.onnx")

write(numpy_helper.from_array(rows).SerializeToString(), "safe", "test_data_set_0", "input_0.pb")

# Arrays of Zarr, with codecs and without.
zarr.save_array(at("safe", "zarr3", "a"), rows)
zarr.save_array(at("safe", "zarr2", "a"), rows, zarr_format=2)
zarr.save_group(at("safe", "zarr-group", "g"), a=rows, b=rows)

# Chat templates in YAML, in every style of its writer.
PLAIN = "{%- for m in messages %}\n  {{ m.role ~ ': ' ~ m['content'] }}\n\n{%- endfor %}"
for style in [None, "'", '"', "|", ">"]:
    for kind, template in {"safe": PLAIN, "hostile": PLAIN.replace("m.role", "m.__class__")}.items():
        text = yaml.dump({"a": [{"chat_template": template}]}, default_style=style)
        write(text.encode(), kind, f"template-{ord(style or 'p')}.yaml")
save_file({"w": rows}, at("safe", "template.safetensors"), {"chat_template": PLAIN})
hidden = PLAIN.replace("m.role", "m.__class__")
save_file({"w": rows}, at("hostile", "template.safetensors"), {"chat_template": hidden})

# Model folders of MLflow: its own loaders, and code of the author.
mlflow.sklearn.save_model(
    pipe, at("safe", "mlflow"), serialization_format="skops", skops_trusted_types=["numpy.cbrt"]
)
code = os.path.join(tempfile.mkdtemp(), "code")
os.mkdir(code)
with open(os.path.join(code, "numpy.py"), "w") as file:
    file.write("x = 1\n")


class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[str]):
        return model_input


mlflow.pyfunc.save_model(at("folders", "pyfunc"), python_model=Model())
mlflow.pyfunc.save_model(
    at("folders", "loader"), loader_module="my_loader", code_paths=[code]
)
mlflow.sklearn.save_model(
    pipe, at("folders", "paths"), code_paths=[code], serialization_format="pickle"
)

# What carries code, as each tool writes it.
joblib.dump([rows, Evil()], at("hostile", "evil.joblib"))
for codec in CODECS:
    joblib.dump([rows, Evil()], at("hostile", f"evil-{codec}.joblib"), compress=(codec, 3))
numpy.save(at("hostile", "evil.npy"), numpy.array([Evil()], dtype=object))
numpy.savez(at("hostile", "evil.npz"), a=numpy.array([Evil()], dtype=object))
pandas.DataFrame({"a": [Evil()]}).to_pickle(at("hostile", "evil-frame.pkl"))
write(dill.dumps(lambda x: x), "hostile", "lambda.dill")
write(cloudpickle.dumps(lambda x: x), "hostile", "lambda.pkl")
write(pickle.dumps(operator.attrgetter("a")), "hostile", "getter.pkl")
write(pickle.dumps(FunctionTransformer(os.system)), "hostile", "transformer.pkl")
skops.io.dump(FunctionTransformer(os.system), at("hostile", "transformer.skops"))
skops.io.dump(FunctionTransformer(numpy.load), at("hostile", "load.skops"))
for method in [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Evil()))
    write(buffer.getvalue(), "hostile", f"method-{method}.pt")
