package judge

import (
	"testing"

	"github.com/serin-aws/serin/internal/release"
)

func TestProportion(t *testing.T) {
	got, err := Proportion(same(20, 300, 9, 5700, 57), Settings{Margin: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != release.Fail || got.Decided < 1 || got.Decided > 5 || got.Interval.Low < 1 || got.Canary.Units != 6000 || got.Baseline.Failed != 1140 {
		t.Errorf("%+v", got)
	}
	if _, err := Proportion(same(1, 1, 2, 3, 4), Settings{}); release.CodeOf(err) != release.Invalid {
		t.Errorf("an impossible minute: error %v", err)
	}
	if _, err := Proportion(nil, Settings{Beta: 2}); release.CodeOf(err) != release.Invalid {
		t.Errorf("an impossible setting: error %v", err)
	}
	if got, err := Proportion(nil, Settings{}); err != nil || got.Verdict != release.NoData || got.Decided != -1 {
		t.Errorf("nothing: %+v, error %v", got, err)
	}
}

// Asking on the way must not change the end.
func TestResultOnTheWay(t *testing.T) {
	minutes := same(30, 300, 4, 5700, 57)
	p, _ := NewProcess(Settings{})
	for _, m := range minutes {
		if err := p.Add(m); err != nil {
			t.Fatal(err)
		}
		p.Result()
	}
	want, err := Proportion(minutes, Settings{})
	if err != nil || p.Result() != want {
		t.Errorf("%+v, at once %+v (error %v)", p.Result(), want, err)
	}
}
