package cloudwatch

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// idsOf answers a and b as series with the given values (NaN: no data point), and nothing else.
func compileAB(text string) (term, error) {
	return compile(text, func(id string) (term, error) {
		switch id {
		case "a":
			return variable(0), nil
		case "b":
			return variable(1), nil
		}
		return term{}, fmt.Errorf("the id %s is not defined", id)
	})
}

func valueAB(t term, a, b float64) (float64, bool) {
	_, s := newService(0)
	m := moment{sources: []source{{}, {}}, series: []*Series{s.Series("x", "a"), s.Series("x", "b")}, to: 1, seen: math.MaxInt64}
	for i, v := range []float64{a, b} {
		if !math.IsNaN(v) {
			m.series[i].Add(time.Unix(0, 0), v, 1, v, v)
		}
	}
	return t.value(&m)
}

func TestExpressions(t *testing.T) {
	none := math.NaN()
	for _, row := range []struct {
		text       string
		a, b, want float64
	}{
		{"100*a/b", 3, 50, 6},
		{"a+b", none, 1, none}, // both sides are needed
		{"a/b", 1, 0, none},    // a division by zero has no data point
		{"a^2 - -b", 3, 1, 10},
		{"(a+b)/2", 1, 2, 1.5},
		{"1e2*a", 2, none, 200},
		{"IF(b>0, a/b, 0)", 1, 0, 0},
		{"IF(b>0, a/b, 0)", 1, 4, .25},
		{"IF(a>0 AND b>0, 1, 2)", 1, 1, 1},
		{"IF(a>0 AND b>0, 1, 2)", 1, 0, 2},
		{"IF(a>0 OR b>0, 1, 2)", 0, 1, 1},
		{"IF(a>0 && b>0 || a==7, 1, 2)", 7, 0, 1},
		{"IF(a, 1, 2)", none, 0, none},
		{"FILL(a,0)+b", none, 5, 5},
		{"FILL(a,-1)", none, 0, -1},
		{"FILL(a,0)", 4, 0, 4},
		{"SUM([a,b])", 1, 2, 3},
		{"SUM([a,b])", none, 2, 2},
		{"SUM([a,b])", none, none, none},
		{"AVG([a,b])", 1, 2, 1.5},
		{"MIN([a,b])", 3, 2, 2},
		{"MAX([a,b])", 3, 2, 3},
		{"ABS(a)", -3, 0, 3},
		{"CEIL(a)", 1.2, 0, 2},
		{"FLOOR(a)", 1.8, 0, 1},
		{"a/PERIOD(a)", 120, 0, 2},
		{"a>=b", 2, 2, 1},
		{"a!=b", 2, 2, 0},
	} {
		compiled, err := compileAB(row.text)
		if err != nil {
			t.Errorf("%s: %v", row.text, err)
			continue
		}
		got, ok := valueAB(compiled, row.a, row.b)
		if ok == math.IsNaN(row.want) || ok && got != row.want {
			t.Errorf("%s of %v, %v: %v, %v; want %v", row.text, row.a, row.b, got, ok, row.want)
		}
	}
}

func TestExpressionsRefused(t *testing.T) {
	for text, says := range map[string]string{
		"":                            "cannot be read",
		"100*":                        "cannot be read",
		"7":                           "scalar",
		"1+1":                         "scalar",
		"c":                           "the id c is not defined",
		"[a,b]":                       "array",
		"a+[b]":                       "array",
		"RATE(a)":                     "RATE(series) is not simulated",
		"SUM(a)":                      "one array of time series only",
		"SUM([[a],b])":                "(array)",
		"FILL(a,LINEAR)":              "the id LINEAR is not defined",
		"FILL(a,REPEAT)":              "the id REPEAT is not defined",
		"ANOMALY_DETECTION_BAND(a,2)": "is not simulated",
		"SEARCH('{x}','Sum',60)":      "is not simulated",
		"SELECT MAX(a) FROM b":        "cannot be read",
		"len(a)":                      "len is not a function of metric math",
		"a ? b : a":                   "is not simulated",
		"a % b":                       "operator % is not simulated",
		"!a":                          "operator ! is not simulated",
		"a.b":                         "is not simulated",
		"IF(a,b)":                     "IF(series, series) is not simulated",
	} {
		if _, err := compileAB(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, seed := range []string{"100*a/b", "IF(b>0, a/b, 0)", "FILL(a,0)", "SUM([a,b])", "((((a", "a AND b OR a", "-a^b^2", "[[a]]", "MAX([a])"} {
		f.Add(seed, 1., 2.)
	}
	f.Fuzz(func(t *testing.T, text string, a, b float64) {
		compiled, err := compileAB(text)
		if err != nil {
			return
		}
		if v, ok := valueAB(compiled, a, b); ok && (math.IsNaN(v) || math.IsInf(v, 0)) && !math.IsInf(a, 0) && !math.IsInf(b, 0) {
			t.Errorf("%q of %v, %v is %v", text, a, b, v)
		}
		if v, ok := valueAB(compiled, math.NaN(), math.NaN()); ok && math.IsNaN(v) {
			t.Errorf("%q of nothing is %v", text, v)
		}
	})
}
