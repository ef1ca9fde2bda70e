package yamlfile

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	names := []string{"name", "platform", "ecsQueue", "plan", "checks", "falseRollback", "minimumSample", "by"}
	for unknown, want := range map[string]string{
		"nam": "name", "names": "name", "Name": "name", "plattform": "platform", "platfrom": "platform", "ecsqueue": "ecsQueue", "ecs_queue": "ecsQueue",
		"check": "checks", "falserollback": "falseRollback", "minSample": "", "minimum_sample": "minimumSample", "retries": "", "x": "", "": "",
		strings.Repeat("name", 1000): "",
	} {
		if got := nearest(unknown, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", cut(unknown), got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"abc", "abcd", 1}, {"kitten", "sitting", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-d]{0,6}`)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if distance(a, b) != distance(b, a) || (distance(a, b) == 0) != (a == b) {
			t.Fatalf("distance(%q, %q) = %d, back %d", a, b, distance(a, b), distance(b, a))
		}
	})
}

func TestPath(t *testing.T) {
	for want, path := range map[string]Path{
		"":                     nil,
		"plan.steps[1].weight": At("plan", "steps", 1, "weight"),
		`registry["a/b"].v1`:   At("registry", "a/b", "v1"),
		`["a.b"][0]`:           At("a.b", 0),
		`x["\x1b[2J"]`:         At("x", "\x1b[2J"),
	} {
		if got := path.String(); got != want {
			t.Errorf("%v is written %s, want %s", []any(path), got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for value, want := range map[string]string{
		"a":                     `"a"`,
		"a\x1b[31m\u202e\"":     `"a\x1b[31m\u202e\""`,
		strings.Repeat("ä", 80): `"` + strings.Repeat("ä", 80) + `"`,
		strings.Repeat("ä", 81): `"` + strings.Repeat("ä", 77) + `..."`,
	} {
		if got := Quote(value); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestEnumerate(t *testing.T) {
	for want, names := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := enumerate(names); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A rule of meaning that judged by what the table had already refused is not heard.
func TestWrongIsSilentAboutBrokenValues(t *testing.T) {
	table := &Object{Fields: []Field{{Name: "a", Type: &Object{Fields: []Field{{Name: "b", Type: Flag{}}, {Name: "c", Type: Flag{}}}}}, {Name: "d", Type: Flag{}}}}
	file, err := Read("a.yaml", []byte("a:\n  b: 1\n  c: true\nd: true\n"), table)
	if err != nil {
		t.Fatal(err)
	}
	file.Wrong(At("a"), "is above what is broken")
	file.Wrong(At("a", "b"), "is broken")
	file.Wrong(At("a", "b", 0), "is below what is broken")
	file.Wrong(At("a", "c"), "is beside it")
	file.Wrong(At("d", "e"), "is not there, and so reported at d")
	want := "a.yaml:2:6: a.b is 1 but must be true or false\na.yaml:3:6: a.c is beside it\na.yaml:4:4: d.e is not there, and so reported at d"
	if err := file.Err(); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
