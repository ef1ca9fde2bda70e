package bench

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// The samples that Kayenta's own tests classify (ClassifierSuite, Apache License 2.0).
var (
	ten = []float64{
		9.7767343120109462, 10.587071850477695, 7.8375506388901766, 9.3243326886113884, 8.3774505409784421, 8.9359264399606282,
		8.2707663324728511, 9.7484308126716925, 11.623746715547156, 9.2753442679633942, 8.1538047749171518, 10.562020975754294,
		13.498135575451835, 11.054419256110332, 6.9538903590055092, 12.521008342195479, 9.0216358603546443, 4.9234856699531662,
		11.251360203607172, 11.598449508040337, 8.435232204668182, 11.110228516867279, 10.70063380164755, 8.9212773652115249,
		10.086167067942661, 11.42107515483087, 9.3792347813644952, 7.7980320148552593, 10.62339807275746, 11.909642062063739,
	}
	alsoTen = []float64{
		11.1453586774086, 9.9618059885597017, 7.068574306369829, 7.3012661810483657, 9.7944630265656727, 9.6037918603687302,
		6.1867793350339388, 12.345599159550174, 10.371891733859533, 8.6094300785016724, 9.913162673361084, 10.361375299003466,
		14.206800387518818, 10.946153754753301, 10.215876627044048, 11.739760899484603, 10.907627468626439, 12.823353694464775,
		8.1018609771732137, 8.4981616408804932, 12.113441374697231, 13.272210809932028, 10.114579381663297, 6.9463958767978067,
		6.2105278541727778, 10.160401684903775, 8.3457712066455461, 8.383822063895833, 7.0020205070083765, 10.755757401808442,
	}
	twenty = []float64{
		20.878412601720026, 21.78550581191622, 19.70828084717019, 15.859946903461562, 19.510058772176841, 19.392005525270303,
		22.926528314912101, 17.156530276709894, 18.655117916226171, 23.422607911610392, 24.055817684156644, 22.62689958516501,
		21.979472967817678, 21.659318607218694, 20.067707574072426, 22.119570836305414, 16.44037132663307, 21.559622826341268,
		21.000181443489218, 17.779369411412663, 17.806006358943584, 18.537200618386109, 20.555550300210797, 19.552928184468378,
		21.771118944087092, 21.809622806176627, 20.961762909905271, 20.977571577503021, 19.106303205498794, 16.976918966987078,
	}
)

func TestRankTestClassifiesAsPublished(t *testing.T) {
	for name, c := range map[string]struct {
		canary, baseline []float64
		want             class
	}{
		"pass": {ten, alsoTen, same},
		"high": {twenty, alsoTen, high},
		"low":  {ten, twenty, low},
	} {
		if got := classify(c.canary, c.baseline, .10, .95); got != c.want {
			t.Errorf("%s: classified as %v", name, got)
		}
	}
}

// R's wilcox.test(c(10, 20, 30, 40), 1:4) estimates a shift of 22.5 (MannWhitneySuite); the median of all differences.
func TestRankTestEstimatesTheShift(t *testing.T) {
	canary, baseline := []float64{10, 20, 30, 40}, []float64{1, 2, 3, 4}
	if at := shift(canary, baseline, 0); at < 19 || at > 26 || math.Abs(rankSum(canary, baseline, 22.5)) > 1e-9 {
		t.Errorf("the shift is %v, the rank sum at 22.5 is %v", at, rankSum(canary, baseline, 22.5))
	}
	if got := rankSum([]float64{0, 0}, []float64{0, 0}, 0); got != 0 {
		t.Errorf("all values tied: %v", got)
	}
}

// minutes of an arm of 100 units, by what fails of the canary; the baseline never fails.
func minutesOf(failed ...int64) []judge.Minute {
	var all []judge.Minute
	for i, n := range failed {
		all = append(all, judge.Minute{Start: time.Unix(int64(60*i), 0), Canary: release.Arm{Units: 100, Failed: n}, Baseline: release.Arm{Units: 900}})
	}
	return all
}

func TestRivals(t *testing.T) {
	for _, c := range []struct {
		rule   string
		failed []int64
		want   int
	}{
		{"5XX >= 1 alarm", []int64{0, 0, 1}, 2},
		{"rate > 2 % alarm, 2 of 3", []int64{3, 0, 0, 3, 0, 3}, 5},
		{"rate > 2 % alarm, 2 of 3", []int64{3, 0, 0, 3, 0, 0, 2, 2}, -1},
		{"success < 99 %, 5 times", []int64{2, 2, 0, 2, 2, 1, 2}, 6},
		{"z-test at every look", []int64{0, 0, 9}, 2},
		{"z-test at every look", []int64{0, 0, 0}, -1},
		{"Mann-Whitney at every look", []int64{9, 8, 9, 7, 9, 9}, 4},
		{"serin", []int64{9, 8, 9, 7, 9, 9}, 1},
	} {
		for _, rule := range rules {
			if rule.name == c.rule {
				if got := rule.decide(world{}, nil, minutesOf(c.failed...)); got != c.want {
					t.Errorf("%s on %v: row %d, want %d", c.rule, c.failed, got, c.want)
				}
			}
		}
	}
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		s         share
		low, high float64
	}{
		{share{0, 100}, 0, 0.03622},
		{share{1, 100}, 0.000253, 0.05446},
		{share{50, 100}, 0.39832, 0.60168},
		{share{100, 100}, 0.96378, 1},
	} {
		if low, high := c.s.bounds(); math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%+v: %v to %v, want %v to %v", c.s, low, high, c.low, c.high)
		}
	}
}

func TestSameSeedSameTables(t *testing.T) {
	text := func(seed uint64) string {
		var b strings.Builder
		if err := Tables(&b, Runs{Good: 3, Bad: 3, Rank: 1, Seed: seed}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if a, b := text(1), text(1); a != b {
		t.Error("the same seed gives other tables")
	}
	if a, b := text(1), text(2); a == b {
		t.Error("another seed gives the same tables")
	}
}

// The aims of docs/judge.md on releases drawn from the stated ranges, with room for the noise of few runs.
func TestAimsOnRandomReleases(t *testing.T) {
	r := Runs{Good: 300, Bad: 150, Seed: 11}
	for i, s := range Good() {
		if g := r.good(1, i, s); g.rolledBack[0].part() > .01+.015 {
			t.Errorf("%s: %d of %d good canaries rolled back", s.Name, g.rolledBack[0].times, g.rolledBack[0].of)
		}
	}
	for i, s := range Bad() {
		b := r.bad(2, i, s)
		if mean := b.delays[0].mean(); mean > 1.15*b.limit() || b.delays[0].missed.part() > .02 {
			t.Errorf("%s: caught after %.2f minutes, aim %.2f; %.0f %% missed", s.Name, mean, b.limit(), 100*b.delays[0].missed.part())
		}
	}
}

// Noise of the canary has a mean of 1: a noisy arm is not a bad one.
func TestNoiseHasMeanOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, w := range []world{{gamma: .6}, {spread: .4, correlation: .8}, {}} {
		sum := 0.0
		for range 4000 {
			sum += w.noise(r)()
		}
		if mean := sum / 4000; math.Abs(mean-1) > .03 {
			t.Errorf("%+v: mean %v", w, mean)
		}
	}
}
