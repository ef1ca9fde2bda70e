package core_test

import (
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/core"
	"github.com/serin-aws/serin/internal/release"
)

const whole = `{"schema":1,"stateMachine":"arn:aws:states:eu-central-1:123456789012:stateMachine:serin","table":"serin-ledger","topic":"arn:aws:sns:eu-central-1:123456789012:serin","bucket":"serin-reports"}`

func TestParse(t *testing.T) {
	c, err := core.Parse([]byte(whole))
	if err != nil || c.Table != "serin-ledger" || c.Bucket != "serin-reports" {
		t.Errorf("%+v, %v", c, err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"a field of a newer version":  {`"bucket"`, `"shelf":1,"bucket"`, ""},
		"no JSON":                     {`{"schema"`, `"schema"`, "no JSON"},
		"a newer schema":              {`"schema":1`, `"schema":2`, "update this command"},
		"no schema":                   {`"schema":1,`, ``, "schema is 0"},
		"no table":                    {`serin-ledger`, ``, "table is empty"},
		"no state machine":            {`arn:aws:states:eu-central-1:123456789012:stateMachine:serin`, ``, `stateMachine is ""`},
		"a name where an ARN must be": {`arn:aws:states:eu-central-1:123456789012:stateMachine:serin`, `serin`, `stateMachine is "serin"`},
		"an execution's ARN":          {`:stateMachine:serin`, `:execution:serin:x`, "stateMachine is"},
		"a topic of another service":  {`arn:aws:sns`, `arn:aws:sqs`, "topic is"},
	} {
		_, err := core.Parse([]byte(strings.Replace(whole, c.old, c.new, 1)))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || release.CodeOf(err) != release.Invalid):
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Fuzz(func(t *testing.T, text []byte) {
		if c, err := core.Parse(text); err == nil && (c.Table == "" || c.StateMachine == "") {
			t.Errorf("accepted %+v", c)
		}
	})
}
