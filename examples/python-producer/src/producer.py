"""Queues messages for @huntaze/rate-limiter-lambda from Python 3, with its standard library alone.

`entry` makes what boto3's `send_message_batch` takes:

    sqs = boto3.client("sqs", region_name="eu-west-1")
    answer = sqs.send_message_batch(QueueUrl=url, Entries=[entry(url, "0", key="account-1", payload={"text": "Hello"})])
    for failed in answer.get("Failed", []): ...  # HTTP 200 does not mean that SQS took every entry

Run as a program it prints the entries of `messages.json`, which a test delivers.
"""

import hashlib
import json
import re
import time
import uuid

IDENTIFIER = re.compile(r"[!-~]{1,128}")
PRIORITIES = ("high", "medium", "low")
MAX_BYTES = 1_048_576
MAX_DEPTH = 100


def envelope(*, key, payload, priority="medium", id=None, enqueued_at_ms=None, traceparent=None):
    """The body of a message. A message that may be sent again needs an `id` of its own."""
    id = str(uuid.uuid4()) if id is None else id
    for name, value in (("key", key), ("id", id)):
        if not IDENTIFIER.fullmatch(value):
            raise ValueError(f"{name}: expected 1 to 128 printable ASCII characters without spaces")
    if priority not in PRIORITIES:
        raise ValueError(f"priority: expected one of {', '.join(PRIORITIES)}")
    if depth(payload) > MAX_DEPTH:
        raise ValueError(f"payload: expected at most {MAX_DEPTH} levels of nesting")
    fields = {
        "v": 1,
        "id": id,
        "key": key,
        "priority": priority,
        "enqueuedAtMs": time.time_ns() // 1_000_000 if enqueued_at_ms is None else enqueued_at_ms,
        **({} if traceparent is None else {"traceparent": traceparent}),
        "payload": payload,
    }
    # ASCII: SQS refuses some characters, none of which JSON must hold unescaped. NaN and Infinity are no JSON.
    body = json.dumps(fields, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    if len(body) > MAX_BYTES:
        raise ValueError(f"expected at most {MAX_BYTES} bytes (1 MiB), found {len(body)}")
    return body


def entry(queue_url, entry_id, *, key, id=None, **message):
    """An entry of a SendMessageBatch request; `entry_id` tells it from the others of its request."""
    id = str(uuid.uuid4()) if id is None else id
    made = {"Id": entry_id, "MessageBody": envelope(key=key, id=id, **message), "MessageGroupId": key}
    if queue_url.endswith(".fifo"):
        made["MessageDeduplicationId"] = deduplication_id(key, id)
    return made


def deduplication_id(key, id):
    """The same as a client's, so that both may send one message and SQS takes it once."""
    identity = json.dumps([key, id], separators=(",", ":"))
    return hashlib.sha256(identity.encode()).hexdigest()


def depth(value):
    """How deep lists and dictionaries nest. Level by level: no input is too deep for it."""
    levels, level = 0, [value]
    while level := [one for one in level if isinstance(one, (dict, list, tuple))]:
        levels += 1
        level = [item for one in level for item in (one.values() if isinstance(one, dict) else one)]
    return levels


FIFO = "https://sqs.eu-west-1.amazonaws.com/123456789012/messages.fifo"
AT_MS = 1_767_225_600_000
MESSAGES = [
    {"id": "m-1", "key": "account-1", "payload": {"text": "Hello"}},
    {"id": "m-2", "key": "account-1", "payload": {"text": "Zürich, 東京, 👩‍👩‍👧, \u2028 \ufffe \x00 \"quoted\" \\ /"}, "priority": "high"},
    {"id": 'odd"\\id/~!', "key": "account:2;<&>'`{}", "payload": None, "priority": "low"},
    {"id": "m-4", "key": "account-3", "payload": [1, 2.5, 1e21, -0.0, True, False, None, [], {}, "\ud800"]},
    {
        "id": "m-5",
        "key": "account-3",
        "payload": {"": {"__proto__": {"deep": [[[{"er": 9_007_199_254_740_991}]]]}}},
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
]

if __name__ == "__main__":
    entries = [
        entry(FIFO, str(index), enqueued_at_ms=AT_MS, **message) for index, message in enumerate(MESSAGES)
    ]
    print(json.dumps(entries, indent=2))
