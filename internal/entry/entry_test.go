package entry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/entry"
	"github.com/serin-aws/serin/internal/release"
)

const event = `{"trigger":{"target":"a"},"execution":"arn:x","state":"DeployCanary","data":%s}`

// handle runs a verb as Lambda would and returns its answer, its error's name and the log.
func handle(t *testing.T, input string, verb entry.Verb) (release.Answer, string, string) {
	t.Helper()
	var log bytes.Buffer
	answer, err := entry.New(verb, slog.New(slog.NewJSONHandler(&log, nil)))(context.Background(), json.RawMessage(input))
	if err == nil {
		return answer, "", log.String()
	}
	named, ok := err.(messages.InvokeResponse_Error) //nolint:errorlint // Lambda looks at the outermost type only
	if !ok {
		t.Fatalf("Lambda would name the error %T", err)
	}
	return answer, named.Type, log.String()
}

func TestErrorsAreNamedForTheStateMachine(t *testing.T) {
	throttled := release.Errorf(release.Throttled, "describe services", "slow down")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"ours":         {throttled, "Throttled"},
		"ours within":  {fmt.Errorf("while looking: %w", throttled), "Throttled"},
		"another's":    {errors.New("what is this"), "Unexpected"},
		"the ledger's": {release.Errorf(release.LedgerCorrupt, "load", "no JSON"), "LedgerCorrupt"},
	} {
		t.Run(name, func(t *testing.T) {
			_, got, log := handle(t, fmt.Sprintf(event, "{}"), func(context.Context, conductor.Input) (release.Answer, error) {
				return release.Answer{}, c.err
			})
			if got != c.want || !strings.Contains(log, `"code":"`+c.want+`"`) {
				t.Errorf("named %q, logged %s", got, log)
			}
		})
	}
}

func TestAPanicHasANameAndItsStackIsLogged(t *testing.T) {
	_, got, log := handle(t, fmt.Sprintf(event, "{}"), func(context.Context, conductor.Input) (release.Answer, error) {
		panic("out of luck")
	})
	if got != string(release.Panicked) || !strings.Contains(log, "entry_test.go") || !strings.Contains(log, "out of luck") {
		t.Errorf("named %q, logged %s", got, log)
	}
}

func TestTheEventReachesTheVerbWhateverTheDataIs(t *testing.T) {
	for data, caught := range map[string]string{
		`{}`: "", `[]`: "", `null`: "", `"text"`: "", `{"release":"r-1","next":"wait"}`: "",
		`{"error":{"Error":"Denied","Cause":"no permission"}}`: "Denied",
	} {
		answer, named, _ := handle(t, fmt.Sprintf(event, data), func(_ context.Context, in conductor.Input) (release.Answer, error) {
			got := ""
			if in.Data.Error != nil {
				got = in.Data.Error.Error
			}
			return release.Answer{Note: fmt.Sprint(in.State, " ", in.Execution, " ", string(in.Trigger), " ", got), Next: release.NextWait, Wait: 7}, nil
		})
		want := `DeployCanary arn:x {"target":"a"} ` + caught
		if named != "" || answer.Note != want || answer.Wait != 7 {
			t.Errorf("data %s: %q %+v, want %q", data, named, answer, want)
		}
	}
}

func TestAnEventThatIsNotTheStateMachines(t *testing.T) {
	for _, input := range []string{``, `[]`, `{"execution":7}`, `{"state":"a","state":"b"}`} {
		_, named, _ := handle(t, input, func(context.Context, conductor.Input) (release.Answer, error) {
			t.Error("the verb was called")
			return release.Answer{}, nil
		})
		if named != string(release.Invalid) {
			t.Errorf("%s: named %q", input, named)
		}
	}
}
