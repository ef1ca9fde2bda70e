package main

import (
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
)

func TestIAM(t *testing.T) {
	for name, args := range map[string][]string{
		"iam":     {"iam", "-f", example},
		"iam-why": {"iam", "-f", example, "--why"},
	} {
		code, out, errOut := call("", args...)
		if code != exitOK || errOut != "" {
			t.Errorf("%v: exit %d, %s", args, code, errOut)
		}
		golden.Text(t, name, out)
	}
}

func TestIAMOfAWrongFile(t *testing.T) {
	code, out, errOut := call("name: x", "iam", "-f", "-")
	if code != exitBadInput || out != "" || !strings.Contains(errOut, "platform") {
		t.Errorf("exit %d, %q, %s", code, out, errOut)
	}
}
