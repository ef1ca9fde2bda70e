package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
)

const ordersTarget = "../../examples/orders-worker/target.yaml"

func TestPlanText(t *testing.T) {
	var all strings.Builder
	for _, traffic := range [][2]string{{"100/s", "0.2%"}, {"10/s", "0.2%"}, {"30/h", "0.001"}, {"100/s", "0"}} {
		code, out, errOut := call("", "plan", "-f", ordersTarget, "--rate", traffic[0], "--failures", traffic[1], "--runs", "60")
		if code != exitOK || errOut != "" {
			t.Errorf("%v: exit %d, %s", traffic, code, errOut)
		}
		all.WriteString("# " + traffic[0] + ", " + traffic[1] + "\n" + out + "\n")
	}
	golden.Text(t, "plan", all.String())
}

func TestPlanJSON(t *testing.T) {
	code, out, errOut := call("", "plan", "-f", ordersTarget, "--rate", "600/min", "--failures", ".2%", "-o", "json")
	var got planned
	if err := json.Unmarshal([]byte(out), &got); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v, %s", code, err, errOut)
	}
	if got.PerSecond != 10 || got.Failures != .002 || len(got.Worse) != 4 || got.Worse[3].Ratio != 10 || *got.Worse[3].MedianSeconds <= 0 || len(got.Problems) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestPlanReadsStandardInput(t *testing.T) {
	data, err := os.ReadFile(ordersTarget)
	if err != nil {
		t.Fatal(err)
	}
	if code, out, errOut := call(string(data), "plan", "-f", "-", "--rate", "100/s", "--failures", "1%", "--runs", "5"); code != exitOK || !strings.Contains(out, "x10") {
		t.Errorf("exit %d, %s%s", code, out, errOut)
	}
}

func TestPlanRefusesWrongUse(t *testing.T) {
	for args, want := range map[string]string{
		"--rate 100 --failures 1%":             `--rate is "100"`,
		"--rate 100/fortnight --failures 1%":   "above 0 and at most 1e9 a second: 100/s, 20/min or 5/h",
		"--rate -1/s --failures 1%":            `--rate is "-1/s"`,
		"--rate NaN/s --failures 1%":           `--rate is "NaN/s"`,
		"--rate 0/s --failures 1%":             `--rate is "0/s"`,
		"--rate 1/s --failures 100%":           `--failures is "100%"`,
		"--rate 1/s --failures -1":             `--failures is "-1"`,
		"--rate 1/s --failures often":          "0.2% or 0.002",
		"--rate 1/s --failures 1% --runs 0":    "--runs is 0",
		"--rate 1/s --failures 1% -o yaml":     "must be text or json",
		"--rate 1/s":                           "failures",
		"--rate 1/s --failures 1% -f nowhere/": "nowhere",
	} {
		code, _, errOut := call("", append([]string{"plan", "-f", ordersTarget}, strings.Fields(args)...)...)
		if code != exitBadInput || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit %d, %s", args, code, errOut)
		}
	}
}

// validate and plan print the same numbers.
func TestValidateSaysWhatPlanSays(t *testing.T) {
	_, plan, _ := call("", "plan", "-f", ordersTarget, "--rate", "10/s", "--failures", "0.2%")
	code, out, errOut := call("", "validate", ordersTarget, "--rate", "10/s", "--failures", "0.2%")
	at := strings.Index(out, "a version that is no worse")
	if code != exitOK || at < 0 || !strings.Contains(plan, strings.TrimSpace(out[at:])) {
		t.Errorf("exit %d, plan says:\n%s\nvalidate says:\n%s", code, plan, out)
	}
	if !strings.Contains(errOut, "note: at this traffic a version that is no worse is promoted in") {
		t.Errorf("no warning: %s", errOut)
	}
	if code, _, errOut := call("", "validate", ordersTarget, "--rate", "10/s"); code != exitBadInput || !strings.Contains(errOut, "--failures") {
		t.Errorf("exit %d, %s", code, errOut)
	}
}

func TestRoughTraffic(t *testing.T) {
	for x, want := range map[float64]string{124: "120", 9.96: "10", 4.19: "4.2", .0468: "0.047", 123456: "120000", 42: "42"} {
		if got := roughly(x); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}
