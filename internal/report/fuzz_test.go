package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
)

// FuzzNames: no name that a stranger chooses adds an element or an attribute to the page.
func FuzzNames(f *testing.F) {
	for _, name := range []string{"orders", `</script><script>alert(1)</script>`, `" onload="alert(1)`, "'>", "\u202e", "</title>", "</bdi>", "{{.}}", "<!--", "]]>", "&lt;"} {
		f.Add(name)
	}
	tag := regexp.MustCompile(`<[a-zA-Z!/][a-zA-Z]*`)
	base := count(tag, written(f, renamed(storytest.Bad(), "orders")))
	f.Fuzz(func(t *testing.T, name string) {
		html := written(t, renamed(storytest.Bad(), "x"+name)) // a name is never empty
		if got := count(tag, html); got != base {
			t.Errorf("%q changes the elements of the page", name)
		}
		if strings.Count(html, "<script>") != 1 {
			t.Errorf("%q adds a script", name)
		}
	})
}

func count(tag *regexp.Regexp, html string) string {
	return strings.Join(tag.FindAllString(html, -1), "")
}

// renamed puts a name wherever a stranger may choose one.
func renamed(account storytest.Account, name string) story.Story {
	s := account.Story()
	r := &s.Release
	r.Target.Name, r.Request.StartedBy, r.Request.Reason, r.Baseline.Serves = release.TargetName(name), name+"s", name+"r", name
	r.Revision = release.Revision{Image: "i" + name}
	s.Sentence, s.Serves = name, name
	for i := range s.Events {
		s.Events[i].Text = name
	}
	for i := range s.Alarms {
		s.Alarms[i].Name = name
		s.Alarms[i].States[0].Sentence = name
	}
	s.Measures[0].Name, s.Judged[0].Name = "n"+name, "n"+name
	s.Missing = []string{name}
	s.Rehearsed.Scenario = "s" + name
	for i := range s.Rehearsed.Calls {
		s.Rehearsed.Calls[i].Action = name
	}
	s.File = "f" + name
	return s
}
