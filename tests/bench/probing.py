"""How long pages take while something else goes on: asked one after the other until the standard input ends.

The standard input begins with a line of JSON: `host`, and by name of a page its `path` and `cookie`. What comes out is, by
name, milliseconds of each answer, and the statuses other than 200.
"""

import http.client
import json
import sys
from threading import Event, Thread
from time import monotonic

PAUSE = 0.05  # seconds between two questions: a few people who look around


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    told: dict[str, list[float]] = {name: [] for name in asked["pages"]}
    wrong: list[int] = []
    over = Event()
    Thread(target=_wait_for_the_end, args=[over], daemon=True).start()
    while not over.wait(PAUSE):
        for name, page in asked["pages"].items():
            status, took = _ask(asked["host"], page["path"], page["cookie"])
            told[name].append(round(1000 * took, 1))
            wrong += [status] if status != http.HTTPStatus.OK else []
    print(json.dumps({"pages": told, "wrong": wrong}))


def _wait_for_the_end(over: Event) -> None:
    sys.stdin.read()
    over.set()


def _ask(host: str, path: str, cookie: str) -> tuple[int, float]:
    began = monotonic()
    line = http.client.HTTPConnection(host, timeout=60)
    line.request("GET", path, headers={"Cookie": cookie})
    answer = line.getresponse()
    answer.read()
    line.close()
    return answer.status, monotonic() - began


if __name__ == "__main__":
    main()
