"""Starts MiniStack, as it was published but for what access.py and automation.py say, and three things more.

PutEvents takes events of aws.* sources. On AWS nobody may put those, and MiniStack refuses them too; but its ECR tells
nobody of a push, so the test has to.

Its ECS asks the container engine about each container ten times a second, which takes half a processor for 16 of them:
here it asks every two seconds.

Its ReceiveMessage first moves the messages that were received too often to the DLQ and then takes those that are
visible, and reads the clock for each: what becomes visible between the two is handed out once more than its
maxReceiveCount. Here both see the same moment.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html

It serves the listening socket that it is handed as file 3, so that no port has to be guessed. When whoever started it
is gone, it ends its whole process group: itself, the functions' processes and the workers.
"""

import asyncio
import os
import signal
import threading
import time
import types

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
from ministack.services import ecs, eventbridge, sqs

import access  # noqa: F401
import automation  # noqa: F401


def follow(parent):
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


collect_messages = sqs._collect_msgs


def collect(queue, most, visibility):
    moment = time.time()
    sqs.time = types.SimpleNamespace(time=lambda: moment)
    try:
        sqs._dlq_sweep(queue)
        return collect_messages(queue, most, visibility)
    finally:
        sqs.time = time


threading.Thread(target=follow, args=(int(os.environ["TEST_PID"]),), daemon=True).start()
eventbridge._put_events.__defaults__ = (True,)  # allow_aws_source
ecs.time = types.SimpleNamespace(**vars(time))
ecs.time.sleep = lambda seconds: time.sleep(2 if seconds == 0.1 else seconds)
sqs._collect_msgs = collect
config = Config()
config.bind = ["fd://3"]
config.keep_alive_timeout = 75
asyncio.run(serve(app, config))
