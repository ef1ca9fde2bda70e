//go:build interpreters

package interpreters

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/asl"
)

// failures is where the scripts and traces that differ go.
const failures = "../../build/interpreters"

// interpreter is one that nobody here wrote.
type interpreter struct {
	comparison
	dialect
	name         string
	command      []string // the definition's file comes behind it
	env          []string
	timeoutCause string
	shards       int // processes that share the scripts; 0 means one
	adapt        func(document) document
}

func awsLocal(t *testing.T) interpreter {
	t.Helper()
	return interpreter{
		comparison: comparison{times: true}, name: "aws-local-stepfunctions", timeoutCause: "States.Timeout",
		// Quotes inside quotes are out: its States.JsonToString leaves them as they are. So is null as data: no path,
		// not even $, leads anywhere in it.
		dialect: dialect{hangs: true, odd: odd, input: `{"target":"billing"}`, cause: func(name string) string { return "because " + name }},
		command: []string{tool(t, "SERIN_NODE", ".tools/node"), "awslocal/run.mjs"},
		env:     []string{"INTERPRETER_MODULES=" + absolute(t, "../../.tools/awslocal")},
		adapt:   document.forAWSLocal,
	}
}

func moto(t *testing.T) interpreter {
	t.Helper()
	return interpreter{
		name: "moto", shards: 2, comparison: comparison{names: map[string]string{"States.ResultPathMatchFailure": "States.Runtime"}},
		dialect: dialect{
			odd:   append([]string{`null`}, odd[:len(odd)-1]...), // it takes a CausePath that leads to a number
			input: `{"target":"orders","reason":"a \"test\" \\ \u00e9"}`,
			cause: motoCause,
		},
		command: []string{tool(t, "SERIN_MOTO_PYTHON", ".tools/moto/bin/python"), "moto/run.py"},
		env:     []string{"AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_DEFAULT_REGION=eu-west-1", "PYTHONDONTWRITEBYTECODE=", "PYTHONPYCACHEPREFIX=" + absolute(t, "../../build/pycache")},
		adapt:   func(d document) document { return d },
	}
}

// motoCause is an error as Lambda hands it on, the function's whole answer; but moto gives States.Timeout no cause.
func motoCause(name string) string {
	if name == "States.Timeout" {
		return ""
	}
	return fmt.Sprintf(`{"errorMessage":"because %s, it's \"so\"","errorType":%q}`, name, name)
}

// tool finds a program that scripts/foreign-tools.sh installs.
func tool(t *testing.T, variable, file string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		path = absolute(t, "../../"+file)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s does not exist; run scripts/foreign-tools.sh interpreters, or say in %s where it is", path, variable)
	}
	return path
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// run plays scripts against a definition and returns the traces, in the order of the scripts.
func (in interpreter) run(t *testing.T, definition document, scripts []*script) []trace {
	t.Helper()
	shards := max(1, in.shards)
	size := (len(scripts) + shards - 1) / shards
	answers := make([][]trace, shards)
	failed := make([]error, shards)
	var all sync.WaitGroup
	for i := range shards {
		part := scripts[i*size : min((i+1)*size, len(scripts))]
		all.Go(func() { answers[i], failed[i] = in.shard(t, definition, part) })
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	return slices.Concat(answers...)
}

func (in interpreter) shard(t *testing.T, definition document, scripts []*script) ([]trace, error) {
	t.Helper()
	var input, stdout, stderr bytes.Buffer
	encoder := json.NewEncoder(&input)
	for _, s := range scripts {
		if err := encoder.Encode(s); err != nil {
			return nil, fmt.Errorf("script %s: %w", s.ID, err)
		}
	}
	file := filepath.Join(t.TempDir(), "definition.json")
	if err := os.WriteFile(file, definition.text(t), 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, in.command[0], append(in.command[1:], file)...)
	command.Env = append(os.Environ(), in.env...)
	command.Stdin, command.Stdout, command.Stderr = &input, &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", in.name, err, stderr.Bytes())
	}
	var traces []trace
	decoder := json.NewDecoder(&stdout)
	for range scripts {
		var got trace
		if err := decoder.Decode(&got); err != nil {
			return nil, fmt.Errorf("%s played %d of %d scripts: %w\n%s", in.name, len(traces), len(scripts), err, stderr.Bytes())
		}
		traces = append(traces, got)
	}
	return traces, nil
}

// plan is scripts with the traces that are expected.
type plan struct {
	player
	scripts []*script
	want    []trace
}

// planned plays the path tests, and so many random scripts, in internal/asl.
func (in interpreter) planned(t *testing.T, definition document, count int) *plan {
	t.Helper()
	p := in.empty(t, definition)
	byHand := in.paths()
	for _, id := range slices.Sorted(maps.Keys(byHand)) {
		input, next := byHand[id]()
		p.add(newScript(id, input), next)
	}
	for i := range count {
		r := in.random(uint64(i))
		p.add(newScript(fmt.Sprintf("random-%d", i), r.drawInput()), r.next)
	}
	return p
}

func (in interpreter) empty(t *testing.T, definition document) *plan {
	t.Helper()
	machine, err := asl.Load(definition.text(t))
	if err != nil {
		t.Fatal(err)
	}
	return &plan{player: player{machine, in.timeoutCause}}
}

func (p *plan) add(s *script, next func(asl.Invoke) answer) {
	p.want = append(p.want, p.play(s, next))
	p.scripts = append(p.scripts, s)
}

// differences lists how the traces differ from the expected ones.
func (p *plan) differences(in interpreter, traces []trace) []string {
	var found []string
	for i, got := range traces {
		difference := in.difference(got, p.want[i])
		if difference == "" {
			continue
		}
		found = append(found, fmt.Sprintf("%s, script %s: %s", in.name, got.ID, difference))
	}
	return found
}

// keep writes what is needed to see why scripts differ.
func keep(t *testing.T, name string, value any) {
	t.Helper()
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(failures, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(failures, name+".json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}
