package lambda

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

const prefix = "arn:aws:lambda:eu-central-1:123456789012:function:"

// Control is Lambda's control plane of one account and region.
type Control struct {
	loop      *loop.Loop
	functions []*Function
}

// Function is one function.
type Function struct {
	Name     string
	Versions []*Version // published, in order
	Aliases  []*Alias

	latest  *Latest // nil: the function is made of a zip file
	highest int     // number that Next has given
}

// Version is one published version.
type Version struct {
	Number       string // digits
	CodeSHA256   string
	Key          string // under which a zip file is kept; empty: one of AWS's
	Role         string
	DeadLetters  string            // ARN, or empty
	Environment  map[string]string // what nobody may see
	Published    time.Time
	PendingUntil time.Time // SnapStart: State is Pending until then
	Broken       string    // not empty: State is Failed, for this reason
	Inactive     bool
}

// Alias points to one version and gives others a weight.
type Alias struct {
	Name        string
	Version     string
	Weights     map[string]float64 // of other versions, 0 to 1
	Revision    string
	Provisioned int       // concurrency kept ready
	ReadyAt     time.Time // when it is
	changes     int
	before      []func()
}

// New returns a control plane without functions.
func New(l *loop.Loop) *Control { return &Control{loop: l} }

// Create adds a function with its versions.
func (c *Control) Create(name string, versions ...*Version) *Function {
	f := &Function{Name: name, Versions: versions}
	c.functions = append(c.functions, f)
	return f
}

// Alias adds an alias on a version.
func (f *Function) Alias(name, version string) *Alias {
	a := &Alias{Name: name}
	a.set(version, nil)
	f.Aliases = append(f.Aliases, a)
	return a
}

// Version returns a published version; nil where there is none of that number.
func (f *Function) Version(number string) *Version {
	i := slices.IndexFunc(f.Versions, func(v *Version) bool { return v.Number == number })
	if i < 0 {
		return nil
	}
	return f.Versions[i]
}

// Next is the number of the next version: none is given twice, also where one was deleted.
func (f *Function) Next() string {
	f.highest = f.newest() + 1
	return strconv.Itoa(f.highest)
}

// newest is the highest number that a version has or had.
func (f *Function) newest() int {
	newest := f.highest
	for _, v := range f.Versions {
		if number, err := strconv.Atoi(v.Number); err == nil {
			newest = max(newest, number)
		}
	}
	return newest
}

// OnChange sets what is called before the alias routes otherwise.
func (a *Alias) OnChange(before func()) { a.before = append(a.before, before) }

// Set is what somebody does to the alias past serin.
func (a *Alias) Set(version string, weights map[string]float64) { a.set(version, weights) }

// change tells those who want to know before the alias routes otherwise.
func (a *Alias) change() {
	for _, before := range a.before {
		before()
	}
}

func (a *Alias) set(version string, weights map[string]float64) {
	a.change()
	a.changes++
	a.Version, a.Weights = version, maps.Clone(weights)
	a.Revision = fmt.Sprintf("00000000-0000-4000-8000-%012d", a.changes)
}

// Share returns the part of the invocations that a version gets, 0 to 1.
func (a *Alias) Share(version string) float64 {
	if version != a.Version {
		return a.Weights[version]
	}
	rest := 1.0
	for _, number := range slices.Sorted(maps.Keys(a.Weights)) {
		rest -= a.Weights[number]
	}
	return rest
}

// Delete is what somebody does to a function past serin: all of it is gone.
func (c *Control) Delete(f *Function) bool {
	f.DeleteAliases()
	before := len(c.functions)
	c.functions = slices.DeleteFunc(c.functions, func(other *Function) bool { return other == f })
	return len(c.functions) < before
}

// Restore is what somebody does who has deleted a function or its alias: both are there again, the alias on a version.
func (c *Control) Restore(f *Function, a *Alias, version string) {
	if !slices.Contains(c.functions, f) {
		c.functions = append(c.functions, f)
	}
	f.Aliases = []*Alias{a}
	a.set(version, nil)
}

// DeleteAliases is what somebody does past serin: callers get errors from then on. It reports whether there were any.
func (f *Function) DeleteAliases() bool {
	for _, a := range f.Aliases {
		a.change()
	}
	had := len(f.Aliases) > 0
	f.Aliases = nil
	return had
}

// DeleteVersion is what somebody does past serin. Lambda keeps a version that an alias names.
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
func (f *Function) DeleteVersion(number string) bool {
	f.highest = f.newest()
	named := func(a *Alias) bool { _, weighed := a.Weights[number]; return weighed || a.Version == number }
	if f.Version(number) == nil || slices.ContainsFunc(f.Aliases, named) {
		return false
	}
	f.Versions = slices.DeleteFunc(f.Versions, func(v *Version) bool { return v.Number == number })
	return true
}

// find returns a function by its name or ARN; nil where there is none.
func (c *Control) find(name string) *Function {
	i := slices.IndexFunc(c.functions, func(f *Function) bool { return f.Name == name || prefix+f.Name == name })
	if i < 0 {
		return nil
	}
	return c.functions[i]
}

func (f *Function) alias(name string) *Alias {
	i := slices.IndexFunc(f.Aliases, func(a *Alias) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return f.Aliases[i]
}
