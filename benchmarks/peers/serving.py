"""What every peer's script does: a request is a line of JSON on stdin, its answer a line of JSON on stdout."""

import json
import sys
import time


def serve(answer):
    out, sys.stdout = sys.stdout, sys.stderr  # what a peer prints by itself is no answer
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), file=out, flush=True)


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
