package judge

import (
	"math"
	"testing"
)

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{percent(.031), "3.1 %"},
		{percent(.004), "0.4 %"},
		{percent(.3149), "31 %"},
		{percent(0), "0 %"},
		{percent(1), "100 %"},
		{percent(.00012), "0.012 %"},
		{percent(.996), "99.6 %"},
		{percent(.95), "95 %"},
		{percent(.00996), "1 %"},
		{count(0), "0"},
		{count(812), "812"},
		{count(7306), "7,306"},
		{count(1234567), "1,234,567"},
		{least(3.99), "3.9"},
		{least(1.4), "1.4"},
		{least(1.25), "1.2"},
		{least(14.9), "14"},
		{least(.099), "0.099"},
		{least(0), "0"},
		{least(212), "210"},
		{most(1.31), "1.4"},
		{most(1.4), "1.4"},
		{most(14.01), "15"},
		{most(2), "2"},
		{most(9.99), "10"},
		{number(2), "2"},
		{number(1.6), "1.6"},
		{number(1000), "1000"},
		{count(rough(207)), "210"},
		{count(rough(99)), "99"},
		{count(rough(1)), "1"},
		{count(rough(10001)), "11,000"},
		{minutes(.2), "1 minute"},
		{minutes(11.2), "12 minutes"},
		{minutes(119), "119 minutes"},
		{minutes(121), "2 hours"},
		{minutes(170), "3 hours"},
		{minutes(12000), "8 days"},
		{minutes(math.Inf(1)), "never"},
		{minutes(math.NaN()), "never"},
		{words{Words: Words{Unit: "messages"}}.units(1), "1 message"},
		{words{Words: Words{Unit: "messages"}}.canaryUnits(1), "1 canary message"},
		{clock(at(3), at(0)), "14:03:00 UTC"},
		{clock(at(3), at(-15*60)), "4 Mar 14:03:00 UTC"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
