package judge

import (
	"math"

	"github.com/serin-aws/serin/internal/release"
)

// Settings say what a comparison calls worse, and how sure it must be. A zero field takes its default.
type Settings struct {
	Margin float64 // rate ratio that does not matter, 1 (strict) to 100; default 1.25
	Worse  float64 // rate ratio that a pass must exclude, above the margin; default 2, with a margin above 1.25 1.6 times it
	Alpha  float64 // accepted chance of failing a canary within the margin, over all looks, 0 to 1; default 0.01
	Beta   float64 // accepted chance of passing a canary that is Worse, 0 to 1; default 0.05

	// Dispersion is the least phi: how many failures one cause makes. 1 where outcomes are counted once a message, as
	// first receives; the queue's maxReceiveCount where attempts are counted, since one poison message fails as often.
	// Default 1.
	Dispersion float64
	// Noise is how much the arms' rates are known to differ by themselves, from Noise(history): the excess of phi over 1
	// for each unit of information. Default 0: only what the run itself shows.
	Noise float64
	// FixedDispersion uses Dispersion as it is, without an estimate from history or from the run.
	FixedDispersion bool

	Horizon       int     // the plan's longest bakes in minutes: a change is expected within them; default 60
	WarmUp        int     // first minutes that are not compared; the fast path watches them too; default 0
	MinimumSample int64   // canary units before a pass; default 0: only what the pass rule itself needs
	ErrorFree     float64 // failure rate that a canary without any failure must exclude to pass, 0 to 1; default 0.01
}

// withDefaults fills in the defaults and says what is wrong with the rest.
func (s Settings) withDefaults() (Settings, error) {
	for _, field := range []struct {
		value *float64
		or    float64
	}{{&s.Margin, 1.25}, {&s.Worse, max(2, 1.6*s.Margin)}, {&s.Alpha, .01}, {&s.Beta, .05}, {&s.Dispersion, 1}, {&s.ErrorFree, .01}} {
		if *field.value == 0 {
			*field.value = field.or
		}
	}
	if s.Horizon == 0 {
		s.Horizon = 60
	}
	return s, s.check()
}

func (s Settings) check() error {
	wrong := func(format string, args ...any) error {
		return release.Errorf(release.Invalid, "", format, args...)
	}
	switch {
	case !(s.Margin >= 1 && s.Margin <= 100):
		return wrong("margin is %v; a rate ratio that does not matter lies between 1 and 100", s.Margin)
	case !(s.Worse > s.Margin && s.Worse <= 1000):
		return wrong("worse is %v; the rate ratio that a pass excludes must be above the margin (%v) and at most 1000", s.Worse, s.Margin)
	case !chance(s.Alpha):
		return wrong("alpha is %v; the accepted chance of a false alarm lies between 1e-9 and 0.5", s.Alpha)
	case !chance(s.Beta):
		return wrong("beta is %v; the accepted chance of a false pass lies between 1e-9 and 0.5", s.Beta)
	case !(s.Dispersion >= 1 && s.Dispersion <= 1e6):
		return wrong("dispersion is %v; it lies between 1 (every failure on its own) and 1e6", s.Dispersion)
	case !(s.ErrorFree > 0 && s.ErrorFree < 1):
		return wrong("errorFree is %v; a failure rate lies between 0 and 1", s.ErrorFree)
	case !(s.Noise >= 0 && s.Noise <= 1e6):
		return wrong("noise is %v; it lies between 0 (none known) and 1e6", s.Noise)
	case s.Horizon < 1:
		return wrong("horizon is %d minutes; at least 1 is needed", s.Horizon)
	case s.WarmUp < 0 || s.MinimumSample < 0:
		return wrong("warm-up %d, minimum sample %d; neither can be negative", s.WarmUp, s.MinimumSample)
	}
	return nil
}

func chance(p float64) bool { return p >= 1e-9 && p <= .5 && !math.IsNaN(p) }
