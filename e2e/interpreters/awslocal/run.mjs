// Runs scripts through aws-local-stepfunctions: node run.mjs definition.json <scripts.jsonl >traces.jsonl
//
// The interpreter is as it was published. Two things around it are replaced, both of them global to JavaScript: the
// timers run on a virtual clock, so that waits, back-offs and time-outs take no time and can be compared; and
// Math.random answers 0.5, so that jitter can be compared too.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.env.INTERPRETER_MODULES + '/');
const realImmediate = setImmediate;

const clock = { now: 0, last: 0, timers: new Map() };
globalThis.setTimeout = (callback, ms) => {
  clock.timers.set(++clock.last, { at: clock.now + ms, id: clock.last, callback });
  return clock.last;
};
globalThis.clearTimeout = (id) => clock.timers.delete(id);
Math.random = () => 0.5;

const { StateMachine } = require('aws-local-stepfunctions');
const validate = require('asl-validator').default ?? require('asl-validator');

// settle waits for a promise; whenever nothing else is left to do, the earliest timer goes off.
async function settle(promise) {
  let over = false;
  promise.then(() => { over = true; }, () => { over = true; });
  for (;;) {
    await new Promise((resolve) => realImmediate(resolve));
    if (over) return promise;
    const due = [...clock.timers.values()].sort((a, b) => a.at - b.at || a.id - b.id)[0];
    if (!due) throw new Error('the execution waits for nothing');
    clock.timers.delete(due.id);
    clock.now = due.at;
    due.callback();
  }
}

class ScriptedError extends Error {
  constructor({ error, cause }) {
    super(cause);
    this.name = error;
  }
}

async function play(definition, machine, script) {
  clock.now = 0;
  clock.timers.clear();
  const trace = { id: script.id, path: [], calls: [] };
  const handlers = {};
  for (const [name, state] of Object.entries(definition.States)) {
    if (state.Type !== 'Task') continue;
    handlers[name] = async (input) => {
      trace.calls.push({ state: name, input, at: clock.now / 1000 });
      const answer = script.answers[trace.calls.length - 1];
      if (!answer) throw new Error(`the script has no answer number ${trace.calls.length}`);
      if (answer.hang) return new Promise(() => {});
      if (answer.error) throw new ScriptedError(answer);
      return structuredClone(answer.output);
    };
  }
  const [, , , region, account, , machineName, name] = script.execution.split(':');
  const execution = machine.run(script.input, {
    overrides: { taskResourceLocalHandlers: handlers },
    context: {
      Execution: { Id: script.execution, Name: name },
      StateMachine: { Name: machineName, Id: `arn:aws:states:${region}:${account}:stateMachine:${machineName}` },
      State: { EnteredTime: script.entered },
    },
  });
  const log = (async () => {
    for await (const event of execution.eventLogs) {
      if (event.type === 'StateEntered') trace.path.push(event.state.name);
    }
  })();
  try {
    trace.output = await settle(execution.result);
    trace.status = 'SUCCEEDED';
  } catch (problem) {
    const error = problem.cause ?? problem;
    trace.error = error.name;
    trace.cause = error.message;
    trace.status = problem.name === 'ExecutionTimeoutError' ? 'TIMED_OUT' : 'FAILED';
  }
  await log;
  trace.at = clock.now / 1000;
  return trace;
}

const definition = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { isValid, errorsText } = validate(definition, { checkArn: true, checkPaths: true });
if (!isValid) {
  console.error(errorsText('\n'));
  process.exit(3);
}
const machine = new StateMachine(definition, {});
for (const line of readFileSync(0, 'utf8').split('\n')) {
  if (line) writeSync(1, JSON.stringify(await play(definition, machine, JSON.parse(line))) + '\n');
}
