package report

import (
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

const (
	callHeight = 84
	callBins   = 120
)

// calls draws how many API calls were made, and what was made to go wrong.
func calls(r *story.Rehearsed, a axis) plot {
	bins := callBinsOf(r, a)
	most := 0
	for _, bin := range bins {
		most = max(most, bin.calls)
	}
	y := scale{0, nice(float64(most)), callHeight, false}
	p := plot{
		ID: "calls", Title: "Calls of AWS's API", Height: callHeight,
		Note: fmt.Sprintf("%s calls by serin's functions. Crosses are calls that failed and what was made to go wrong.", release.Count(int64(len(r.Calls)))),
		Alt:  fmt.Sprintf("%d calls, at most %d in %s; %d faults.", len(r.Calls), most, story.Length(a.resolution(callBins)), len(r.Faults)),
	}
	p.value(y.y(0), "0")
	p.value(y.y(y.high), story.Decimal(y.high))
	length := a.resolution(callBins)
	for i, bin := range bins {
		at := a.from.Add(time.Duration(i) * length)
		x1, x2 := a.x(at), a.x(at.Add(length))
		if bin.calls > 0 {
			inset := (x2 - x1) * 0.15
			p.rect("call", x1+inset, x2-inset, y.y(float64(bin.calls)), y.y(0))
		}
		if len(bin.troubles) > 0 {
			p.point(crossMark, "fault", (x1+x2)/2, y.y(float64(bin.calls))-7)
		}
		p.hit(a, at, at.Add(length), bin.text(at))
	}
	p.Legend = []key{{"call", area, "calls"}, {"fault", cross, "failed calls and faults"}}
	return p
}

type callBin struct {
	calls    int
	troubles []string
}

func (b callBin) text(at time.Time) string {
	text := fmt.Sprintf("%s  %d calls", story.Clock(at), b.calls)
	for _, trouble := range b.troubles {
		text += "; " + trouble
	}
	return text
}

func callBinsOf(r *story.Rehearsed, a axis) []callBin {
	length := a.resolution(callBins)
	bins := make([]callBin, max(0, int((a.to.Sub(a.from)+length-1)/length)))
	bin := func(at time.Time) *callBin {
		i := int(at.Sub(a.from) / length)
		if at.Before(a.from) || i >= len(bins) {
			return nil
		}
		return &bins[i]
	}
	for _, call := range r.Calls {
		if b := bin(call.At); b != nil {
			b.calls++
			if call.Error != "" {
				b.troubles = append(b.troubles, call.Action+" answered "+call.Error)
			}
		}
	}
	for _, fault := range r.Faults {
		if b := bin(fault.At); b != nil {
			b.troubles = append(b.troubles, fault.Text)
		}
	}
	return bins
}
