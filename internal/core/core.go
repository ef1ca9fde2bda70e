// Package core is what serin's core stack says of itself: one SSM parameter that names everything a person's command
// needs - the state machine, the ledger's table, where reports are. The stack writes it, the command line
// finds serin through it.
package core

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/serin-aws/serin/internal/release"
)

// Parameter is the name of the SSM parameter, a String in the Standard tier.
const Parameter = "/serin/core"

// Schema is the version of the parameter's form. A reader accepts this and the one before, and fields it does not know.
const Schema = 1

// Core is one installation of serin in one account and region.
type Core struct {
	Schema       int    `json:"schema"`
	StateMachine string `json:"stateMachine"` // ARN
	Table        string `json:"table"`        // the ledger's name
	Topic        string `json:"topic"`        // ARN of the topic that people are told through; may be empty
	Bucket       string `json:"bucket"`       // where reports are kept; may be empty
}

// Parse reads the parameter's text and checks it. The errors are of code Invalid.
func Parse(text []byte) (Core, error) {
	var c Core
	if err := json.Unmarshal(text, &c); err != nil {
		return Core{}, wrong("it is no JSON of a core stack: %v", err)
	}
	return c, c.Check()
}

// Check reports what is wrong with a core that was read.
func (c Core) Check() error {
	switch {
	case c.Schema > Schema:
		return wrong("its schema is %d and this command reads up to %d: a newer serin is installed here; update this command", c.Schema, Schema)
	case c.Schema < 1:
		return wrong("its schema is %d but must be %d", c.Schema, Schema)
	case c.Table == "":
		return wrong("table is empty but must name the ledger's table")
	}
	for _, field := range []struct{ name, value, service, kind string }{
		{"stateMachine", c.StateMachine, "states", "stateMachine:"},
		{"topic", c.Topic, "sns", ""},
	} {
		if field.value == "" && field.name != "stateMachine" {
			continue
		}
		at, err := arn.Parse(field.value)
		if err != nil || at.Service != field.service || !strings.HasPrefix(at.Resource, field.kind) {
			return wrong("%s is %q but must be the ARN of one (service %s)", field.name, field.value, field.service)
		}
	}
	return nil
}

func wrong(format string, args ...any) error {
	return release.Errorf(release.Invalid, "SSM parameter "+Parameter, format, args...)
}
