package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/release"
)

const machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:serin"

func TestDecodeHint(t *testing.T) {
	event := string(sample(t, "execution-status.json"))
	for name, c := range map[string]struct{ input, says string }{
		"an execution's end":       {event, ""},
		"the sweep":                {string(sample(t, "sweep.json")), ""},
		"new fields":               {strings.Replace(event, `"name"`, `"new": 1, "name"`, 1), ""},
		"another's machine":        {strings.Replace(event, "stateMachine:serin", "stateMachine:other", 1), "not serin's"},
		"another's execution":      {strings.Replace(event, "execution:serin:orders-381\",\n    \"state", "execution:other:orders-381\",\n    \"state", 1), "no execution of serin's"},
		"no execution":             {strings.Replace(event, `"executionArn"`, `"other"`, 1), "no execution of serin's"},
		"still running":            {strings.Replace(event, "ABORTED", "RUNNING", 1), "only an end"},
		"an unknown status":        {strings.Replace(event, "ABORTED", "LOST", 1), "only an end"},
		"another event":            {strings.Replace(event, "Status Change", "Changed", 1), "must be a"},
		"another source":           {strings.Replace(event, "aws.states", "aws.ecs", 1), "must be a"},
		"a sweep that says no":     {`{"sweep": false}`, "must be true"},
		"a sweep and an execution": {strings.Replace(event, `"version"`, `"sweep": true, "version"`, 1), "stand alone"},
		"nothing":                  {"", "no JSON"},
		"an empty object":          {"{}", "must be a"},
		"a list":                   {"[]", "wrong type"},
		"a field twice":            {strings.Replace(event, `"detail-type"`, `"source"`, 1), "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			hint, err := events.DecodeHint([]byte(c.input), machine)
			if c.says == "" {
				if err != nil || hint.Sweep == (hint.Execution == "arn:aws:states:eu-central-1:123456789012:execution:serin:orders-381") {
					t.Errorf("%+v, %v", hint, err)
				}
				return
			}
			if release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), c.says) || hint != (events.Hint{}) {
				t.Errorf("%+v, %v; want Invalid saying %q", hint, err, c.says)
			}
		})
	}
}

func TestDecodeJob(t *testing.T) {
	job, err := events.DecodeJob(sample(t, "codepipeline-job.json"))
	if err != nil || job.ID != "11111111-abcd-1111-abcd-111111abcdef" || job.Continued != "" {
		t.Fatalf("%+v, %v", job, err)
	}
	input, request, err := job.Trigger()
	if err != nil || request.Target != "orders-worker" || request.Revision.Image != "orders-worker:release-42" || request.StartedBy != "codepipeline orders 5d0cde4b" {
		t.Fatalf("%+v, %v", request, err)
	}
	if again, err := events.Decode(input); err != nil || again != request {
		t.Errorf("what is started decodes to %+v, %v", again, err)
	}
	for parameters, says := range map[string]string{
		``:               "UserParameters are empty",
		`orders`:         "no JSON",
		`{"target":"a"}`: "must name exactly one",
		`{"target":"a","revision":{"image":"a:1"},"pipeline":"orders"}`: "/pipeline is no field",
		`{"intent":"rollback","target":"a","release":"r-0123456789ab"}`: "must start a release",
		string(sample(t, "image-push.json")):                            "must start a release",
		`{"target":"a","revision":{"image":"a:1"},"emergency":true}`:    "without a reason",
		`{"target":"#{variables.TARGET}","revision":{"image":"a:1"}}`:   "must be the name of a target",
	} {
		if _, _, err := (events.Job{ID: "1", Parameters: parameters}).Trigger(); release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want Invalid saying %q", parameters, err, says)
		}
	}
	if _, request, err := (events.Job{ID: "1", Parameters: `{"target":"a","revision":{"image":"a:1"}}`}).Trigger(); err != nil || request.StartedBy != "codepipeline" {
		t.Errorf("%+v, %v", request, err)
	}
}

// secrets stand in the samples where credentials and other people's data stand.
var secrets = []string{"EXAMPLE-ACCESS-KEY-ID", "EXAMPLE-SECRET-ACCESS-KEY", "EXAMPLE-SESSION-TOKEN"}

// decoded reads an input in all three ways, holds what must hold of each, and returns how many were accepted.
func decoded(t testing.TB, input []byte) (accepted int) {
	t.Helper()
	request, err := events.Decode(input)
	accepted += checked(t, input, err, request, func() bool {
		takesOver := request.Intent != release.IntentRelease
		return request.Target != "" && takesOver == (request.Release != "") && takesOver == request.Revision.IsZero() && request.Revision.Digest == ""
	})
	hint, err := events.DecodeHint(input, machine)
	accepted += checked(t, input, err, hint, func() bool {
		return hint.Sweep != strings.HasPrefix(string(hint.Execution), "arn:aws:states:eu-central-1:123456789012:execution:serin:")
	})
	job, err := events.DecodeJob(input)
	accepted += checked(t, input, err, events.Job{ID: job.ID, Continued: job.Continued}, func() bool { return job.ID != "" })
	if err == nil {
		started, request, err := job.Trigger()
		accepted += checked(t, input, err, string(started), func() bool {
			again, err := events.Decode(started)
			return err == nil && again == request && request.Intent == release.IntentRelease && !request.Automatic
		})
	}
	return accepted
}

func checked(t testing.TB, input []byte, err error, result any, holds func() bool) int {
	t.Helper()
	said := fmt.Sprint(err)
	if err == nil {
		said = fmt.Sprintf("%+v", result)
	}
	for _, secret := range secrets {
		if strings.Contains(said, secret) {
			t.Errorf("%s is shown: %s", secret, said)
		}
	}
	switch {
	case err != nil && release.CodeOf(err) != release.Invalid:
		t.Errorf("%q: code %s", input, release.CodeOf(err))
	case err == nil && !holds():
		t.Errorf("accepted %q as %+v", input, result)
	case err == nil:
		return 1
	}
	return 0
}

// 100,000 events that are nearly right: no panic, no acceptance of a wrong one, no credential in any output.
func TestAHundredThousandEvents(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var samples [][]byte
	for _, file := range files {
		if strings.HasSuffix(file.Name(), ".json") && !strings.HasSuffix(file.Name(), ".schema.json") {
			samples = append(samples, sample(t, file.Name()))
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	accepted, rounds := 0, 100_000
	if testing.Short() {
		rounds = 10_000
	}
	for range rounds {
		input := bytes.Clone(samples[rng.IntN(len(samples))])
		for range rng.IntN(4) {
			input = bent(rng, input, samples)
		}
		accepted += decoded(t, input)
		if t.Failed() {
			return
		}
	}
	if accepted < rounds/20 || accepted > rounds*9/10 {
		t.Errorf("%d of %d were accepted: the events are all right, or all wrong", accepted, rounds)
	}
}

// bent changes an event a little, as accidents and people do.
func bent(rng *rand.Rand, input []byte, samples [][]byte) []byte {
	if len(input) == 0 {
		return []byte("{}")
	}
	at := rng.IntN(len(input))
	switch rng.IntN(8) {
	case 0: // a byte is another
		input[at] = byte(rng.IntN(256))
		return input
	case 1: // the end is missing
		return input[:at]
	case 2: // a part is missing
		return append(input[:at:at], input[min(len(input), at+1+rng.IntN(20)):]...)
	case 3: // a part is there twice
		end := min(len(input), at+1+rng.IntN(60))
		return append(append(input[:end:end], input[at:end]...), input[end:]...)
	case 4: // two events become one; a credential that is put where people write is shown, and has leaked before
		other := samples[rng.IntN(len(samples))]
		if containsSecret(other) {
			return input
		}
		return append(input[:at:at], other[rng.IntN(len(other)):]...)
	}
	return bentValue(rng, input)
}

// bentValue changes the value of a field, so that the event is JSON still.
func bentValue(rng *rand.Rand, input []byte) []byte {
	var event map[string]any
	if json.Unmarshal(input, &event) != nil || len(event) == 0 {
		return input
	}
	bendField(rng, event, 0)
	out, err := json.Marshal(event)
	if err != nil {
		return input
	}
	return out
}

func bendField(rng *rand.Rand, object map[string]any, depth int) {
	n := rng.IntN(len(object))
	for name, value := range object {
		if n--; n >= 0 {
			continue
		}
		if inner, ok := value.(map[string]any); ok && len(inner) > 0 && depth < 5 && rng.IntN(4) > 0 {
			bendField(rng, inner, depth+1)
			return
		}
		values := []any{nil, true, 7, 1e300, "", "x", strings.Repeat("x", 300), []any{}, map[string]any{}, "\u0000", "a\nb", "../..", "orders-worker"}
		switch rng.IntN(4) {
		case 0:
			delete(object, name)
		case 1:
			object[name+"x"] = value
		default:
			object[name] = values[rng.IntN(len(values))]
		}
		return
	}
}

// FuzzAll holds the same of whatever the fuzzer comes to.
func FuzzAll(f *testing.F) {
	for _, file := range []string{"manual.json", "image-push.json", "recover.json", "emergency.json", "execution-status.json", "sweep.json", "codepipeline-job.json", "codepipeline-action.json", "runbook.json"} {
		f.Add(sample(f, file))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		if !containsSecret(input) { // a fuzzer that puts a secret where serin's own fields stand finds nothing out
			decoded(t, input)
		}
	})
}

func containsSecret(input []byte) bool {
	for _, secret := range secrets {
		if bytes.Contains(input, []byte(secret)) {
			return true
		}
	}
	return false
}
