"""One peer from PyPI over rows on stdin, a JSON object a line: {"text": ...}.

Prints {"score": higher is worse, "us": time} for each. Usage: peers.py NAME < rows
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")


def prompt_guardrail():
    from guardify import LogisticRegressionGuardrail

    guard = LogisticRegressionGuardrail()

    def score(text):
        found = guard.predict(text)
        return found["score"] if found["label"] == "injection" else 1 - found["score"]

    return score


def toolwall():
    """Its rules: the classifier's weights are fetched from the net, and are not in the package."""
    from toolwall.detect import CompositeDetector

    detector = CompositeDetector(use_judge=False)
    return lambda text: detector.score(text)[0]


def alt_profanity_check():
    from profanity_check import predict_prob

    return lambda text: predict_prob([text])[0]


PEERS = {
    "prompt-guardrail": prompt_guardrail,
    "toolwall-guard": toolwall,
    "alt-profanity-check": alt_profanity_check,
}

score = PEERS[sys.argv[1]]()
for line in sys.stdin:
    text = json.loads(line)["text"]
    start = time.perf_counter()
    value = float(score(text))
    print(json.dumps({"score": value, "us": (time.perf_counter() - start) * 1e6}))
