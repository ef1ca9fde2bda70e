"""Runs scripts through moto's Step Functions: python run.py definition.json <scripts.jsonl >traces.jsonl

moto runs in this process, as it was published. Around it, the answers of the tasks come from the script instead of
the network, and a back-off or a Wait state notes its length instead of sleeping (unless a script is "real": that one
runs in real time, and may hang and be stopped).
"""

import functools
import json
import logging
import sys
import threading
import time
import types

import boto3
import botocore.handlers
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import boto_client, json_path
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

logging.disable(logging.CRITICAL)
REGION = "eu-west-1"
ENDS = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


class Script:
    """One script and how far it has been played."""

    def __init__(self, script):
        self.script = script
        self.calls = 0
        self.slept = 0
        self.let_go = threading.Event()

    def answer(self, model):
        self.calls += 1
        if self.calls > len(self.script["answers"]):
            raise RuntimeError(f"the script has no answer number {self.calls}")
        answer = self.script["answers"][self.calls - 1]
        if answer.get("hang"):
            self.let_go.wait()
        if answer.get("error") == "States.Timeout":  # what moto's interpreter takes for the end of a task's time
            raise TimeoutError
        http = types.SimpleNamespace(status_code=200, headers={})
        metadata = {"HTTPStatusCode": 200, "RequestId": "0", "HTTPHeaders": {}}
        if model.service_model.service_name == "lambda":
            parsed = {"StatusCode": 200, "ResponseMetadata": metadata}
            body = answer.get("output")
            if "error" in answer:
                parsed["FunctionError"] = "Unhandled"
                body = json.loads(answer["cause"])
            parsed["Payload"] = Body(json.dumps(body).encode())
            return http, parsed
        if "error" in answer:
            raise ClientError({"Error": {"Code": answer["error"], "Message": answer["cause"]}, "ResponseMetadata": metadata}, model.name)
        return http, {"ResponseMetadata": metadata}


class Body:
    def __init__(self, data):
        self.data = data

    def read(self, *_):
        return self.data


playing = None


def before_call(model, **_):
    if model.service_model.service_name in ("lambda", "dynamodb", "sns", "cloudwatch"):
        return playing.answer(model)
    return None


def sleep(seconds):
    if playing.script.get("real"):
        time.sleep(seconds)
    else:
        playing.slept += seconds


def wait(self, env, wait_seconds):
    if playing.script.get("real"):
        real_wait(self, env, wait_seconds)
    else:
        playing.slept += wait_seconds


# Every execution would parse the same definition anew, and every task the same paths and make a client anew.
AmazonStateLanguageParser.parse = staticmethod(functools.cache(AmazonStateLanguageParser.parse))
json_path.parse = functools.cache(json_path.parse)
result_path.parse = functools.cache(result_path.parse)


@functools.cache
def client_of(service_name):
    return boto3.client(service_name, region_name=REGION)


boto_client.boto3 = types.SimpleNamespace(client=lambda service_name, **_: client_of(service_name))
real_wait = WaitFunction._wait_interval
WaitFunction._wait_interval = wait
retrier_decl.time = types.SimpleNamespace(sleep=sleep)
botocore.handlers.BUILTIN_HANDLERS.append(("before-call", before_call))


def backend():
    return stepfunctions_parser_backends["123456789012"][REGION]


def events(arn):
    """An execution's history, as moto keeps it: written as an answer of the API it takes longer than the execution."""
    return backend().get_execution_history(arn)["events"]


def play(states, machine, script):
    global playing
    playing = Script(script)
    name = script["execution"].rsplit(":", 1)[1]
    started = time.monotonic()
    arn = states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(script["input"]))["executionArn"]
    if stop := script.get("stop"):
        while not any(event.get("stateEnteredEventDetails", {}).get("name") == stop["in"] for event in events(arn)):
            time.sleep(0.05)
        states.stop_execution(executionArn=arn)
    execution = backend().describe_execution(arn)
    while execution.status not in ENDS:
        if time.monotonic() > started + 600:
            raise TimeoutError(f"script {script['id']} does not end")
        time.sleep(0.001)
    patience = 1000
    while execution.status == "SUCCEEDED" and execution.output is None and patience:  # it is written after the status
        time.sleep(0.001)
        patience -= 1
    found = states.describe_execution(executionArn=arn)
    trace = {"id": script["id"], "execution": arn, "status": found["status"], "path": [], "calls": []}
    trace["seconds"] = round(time.monotonic() - started, 3)
    trace["at"] = playing.slept
    state = ""
    for event in events(arn):
        if entered := event.get("stateEnteredEventDetails"):
            state = entered["name"]
            trace["path"].append(state)
        if scheduled := event.get("lambdaFunctionScheduledEventDetails"):
            trace["calls"].append({"state": state, "input": json.loads(scheduled["input"])})
        if scheduled := event.get("taskScheduledEventDetails"):
            trace["calls"].append({"state": state, "input": json.loads(scheduled["parameters"])})
    playing.let_go.set()  # a call that still hangs may end now; nobody waits for it any more
    for key in ("error", "cause"):
        if found.get(key) is not None:
            trace[key] = found[key]
    if "output" in found:
        trace["output"] = json.loads(found["output"])
    return trace


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        definition = file.read()
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        states = boto3.client("stepfunctions", region_name=REGION)
        machine = states.create_state_machine(
            name="serin", definition=definition, roleArn="arn:aws:iam::123456789012:role/serin"
        )["stateMachineArn"]
        for line in sys.stdin:
            print(json.dumps(play(states, machine, json.loads(line))), flush=True)


main()
