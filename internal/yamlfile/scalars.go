package yamlfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/serin-aws/serin/internal/release"
)

// Text is a text of a known form.
type Text struct {
	What    string             // completes "must be": "a duration like 10m"
	OneOf   []string           // the only texts, where they are known
	Pattern *regexp.Regexp     // anchored, in the part of the syntax that Go and JavaScript share
	Max     int                // most characters; 0: as many as the file has
	Check   func(string) error // what a pattern cannot say; its error says what is wrong
}

func (t *Text) what() string {
	switch {
	case len(t.OneOf) == 1:
		return Quote(t.OneOf[0])
	case len(t.OneOf) > 1:
		return "one of " + enumerate(t.OneOf)
	}
	return t.What
}

func (t *Text) check(f *File, n *node, path Path) bool {
	if why := t.refuses(n); why != "" {
		f.breaks(n.place, path, "%s", why)
		return false
	}
	return true
}

func (t *Text) refuses(n *node) string {
	switch {
	case n.kind == number || n.kind == flag:
		return fmt.Sprintf("is %s without quotes but must be %s", n.quote(), t.what())
	case n.kind != text:
		return fmt.Sprintf("is %s but must be %s", n.quote(), t.what())
	case len(t.OneOf) > 0 && !slices.Contains(t.OneOf, n.text):
		return fmt.Sprintf("is %s but must be %s", n.quote(), t.what())
	case n.text == "", t.Pattern != nil && !t.Pattern.MatchString(n.text):
		return fmt.Sprintf("is %s but must be %s", n.quote(), t.what())
	case t.Max > 0 && utf8.RuneCountInString(n.text) > t.Max:
		return fmt.Sprintf("has %d characters but must have at most %d", utf8.RuneCountInString(n.text), t.Max)
	}
	if t.Check != nil {
		if err := t.Check(n.text); err != nil {
			return fmt.Sprintf("is %s but must be %s: %s", n.quote(), t.what(), cut(err.Error()))
		}
	}
	return ""
}

// Number is a number within bounds, both included.
type Number struct {
	Min, Max float64
	Whole    bool
}

var (
	wholeForm  = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})$`)
	numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?$`)
)

func (t *Number) what() string {
	kind := "a number"
	if t.Whole {
		kind = "a whole number"
	}
	return fmt.Sprintf("%s from %v to %v", kind, plain(t.Min), plain(t.Max))
}

// plain writes a number without an exponent where people would.
func plain(v float64) string {
	if v == 0 || v >= 1e-6 || v <= -1e-6 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func (t *Number) check(f *File, n *node, path Path) bool {
	form := numberForm
	if t.Whole {
		form = wholeForm
	}
	if n.kind == number && form.MatchString(n.text) {
		if v, err := strconv.ParseFloat(n.text, 64); err == nil && v >= t.Min && v <= t.Max {
			return true
		}
	}
	hint := ""
	if n.kind == text && form.MatchString(n.text) {
		hint = ", without quotes"
	}
	f.breaks(n.place, path, "is %s but must be %s%s", n.quote(), t.what(), hint)
	return false
}

// Flag is true or false.
type Flag struct{}

func (Flag) what() string { return "true or false" }

func (t Flag) check(f *File, n *node, path Path) bool {
	if n.kind != flag {
		f.breaks(n.place, path, "is %s but must be %s", n.quote(), t.what())
		return false
	}
	return true
}

// Duration is a release.Duration as people write it.
var Duration = &Text{
	What:    "a duration like 90s, 10m, 1h30m or 2d",
	Pattern: regexp.MustCompile(`^([0-9]{1,4}d)?([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,7}s)?$`),
	Check:   Checked(release.ParseDuration),
}

// Checked turns a parser into the Check of a Text.
func Checked[T any](parse func(string) (T, error)) func(string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}
