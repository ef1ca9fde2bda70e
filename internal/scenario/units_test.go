package scenario_test

import (
	"math"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/scenario"
)

func TestUnits(t *testing.T) {
	for text, want := range map[string]float64{"100/s": 100, "6000/min": 100, "48/h": 48.0 / 3600, "0/s": 0, "0.5/s": 0.5} {
		if got, err := scenario.ParseRate(text); err != nil || math.Abs(float64(got)-want) > 1e-12 {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]float64{"0%": 0, "0.2%": 0.002, "3%": 0.03, "100%": 1} {
		if got, err := scenario.ParseShare(text); err != nil || math.Abs(float64(got)-want) > 1e-12 {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]time.Duration{"1ms": time.Millisecond, "600ms": 600 * time.Millisecond, "2s": 2 * time.Second, "900s": 15 * time.Minute} {
		if got, err := scenario.ParseMillis(text); err != nil || got.Std() != want {
			t.Errorf("%s: %v, %v", text, got.Std(), err)
		}
	}
}

func TestUnitsRefuse(t *testing.T) {
	for _, text := range []string{"", "100", "/s", "-1/s", "1/m", "1/d", "1e3/s", "NaN/s", "1 /s", "1/s "} {
		if got, err := scenario.ParseRate(text); err == nil {
			t.Errorf("rate %q is read as %v", text, got)
		}
	}
	for _, text := range []string{"", "3", "0.03", "-1%", "101%", "100.5%", "1e1%", "%", "3 %"} {
		if got, err := scenario.ParseShare(text); err == nil {
			t.Errorf("share %q is read as %v", text, got)
		}
	}
	for _, text := range []string{"", "80", "0ms", "0s", "-1ms", "1m", "1.5s", "901s", "80 ms", "80MS"} {
		if got, err := scenario.ParseMillis(text); err == nil {
			t.Errorf("time %q is read as %v", text, got)
		}
	}
}
