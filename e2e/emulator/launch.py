"""Starts MiniStack, as it was published but for what access.py says, and two things more.

PutEvents takes events of aws.* sources. On AWS nobody may put those, and MiniStack refuses them too; but its ECR tells
nobody of a push, so the test has to.

Its ECS asks the container engine about each container ten times a second, which takes half a processor for 16 of them:
here it asks every two seconds.

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
from ministack.services import ecs, eventbridge

import access  # noqa: F401


def follow(parent):
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=follow, args=(int(os.environ["TEST_PID"]),), daemon=True).start()
eventbridge._put_events.__defaults__ = (True,)  # allow_aws_source
ecs.time = types.SimpleNamespace(**vars(time))
ecs.time.sleep = lambda seconds: time.sleep(2 if seconds == 0.1 else seconds)
config = Config()
config.bind = ["fd://3"]
config.keep_alive_timeout = 75
asyncio.run(serve(app, config))
