package permit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Access names one of a target's two roles.
type Access string

// The two roles of a target.
const (
	Look   Access = "look"   // reads only
	Change Access = "change" // may change what the target names
)

// Accesses returns both, in order.
func Accesses() []Access { return []Access{Look, Change} }

// Statement allows actions on resources.
type Statement struct {
	Actions   []string
	Resources []string    // ARN patterns, or "*"; {names} are filled in by Fill
	When      []Condition // all must hold
	Why       string      // what it is for; where the resource is "*", also why nothing narrower will do
	Unseen    bool        // AWS asks for it within another call, so a record of calls does not show it
}

// Condition is one condition of a statement.
type Condition struct {
	Operator string // "StringEquals"
	Key      string // "iam:PassedToService"
	Values   []string
}

// Values fill in the {names} in resources and conditions. A name with several values makes several resources; one with
// no value leaves its resource out.
type Values map[string][]string

// Place returns the values that every pattern may name. They may be tokens of a template.
func Place(partition, region, account string) Values {
	return Values{"partition": {partition}, "region": {region}, "account": {account}}
}

// With returns the values with more of them.
func (v Values) With(name string, values ...string) Values {
	more := maps.Clone(v)
	more[name] = values
	return more
}

// Fill returns the statements with their names filled in. A statement that is left without a resource is left out. A
// name without any value given is an error: it would end up in a policy.
func Fill(statements []Statement, values Values) ([]Statement, error) {
	var filled []Statement
	for _, s := range statements {
		resources, err := fillAll(s.Resources, values)
		if err != nil {
			return nil, err
		}
		if len(resources) == 0 {
			continue
		}
		s.Resources = resources
		s.When = slices.Clone(s.When)
		for i := range s.When {
			if s.When[i].Values, err = fillAll(s.When[i].Values, values); err != nil {
				return nil, err
			}
		}
		filled = append(filled, s)
	}
	return filled, nil
}

func fillAll(patterns []string, values Values) ([]string, error) {
	var filled []string
	for _, pattern := range patterns {
		parts, err := fill(pattern, values)
		if err != nil {
			return nil, err
		}
		filled = append(filled, parts...)
	}
	return filled, nil
}

// fill replaces the first name of a pattern by each of its values, and the rest likewise.
func fill(pattern string, values Values) ([]string, error) {
	before, rest, found := strings.Cut(pattern, "{")
	if !found {
		return []string{pattern}, nil
	}
	name, after, closed := strings.Cut(rest, "}")
	given, known := values[name]
	if !closed || !known {
		return nil, fmt.Errorf("permit: %q names %q, which has no value", pattern, name)
	}
	tails, err := fill(after, values)
	if err != nil {
		return nil, err
	}
	var filled []string
	for _, value := range given {
		for _, tail := range tails {
			filled = append(filled, before+value+tail)
		}
	}
	return filled, nil
}

// Actions lists the actions of statements, each once, in order.
func Actions(statements []Statement) []string {
	seen := map[string]bool{}
	for _, s := range statements {
		for _, action := range s.Actions {
			seen[action] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Conditions returns a statement's conditions as a policy writes them: operator, key, values.
func Conditions(s Statement) map[string]map[string]any {
	conditions := map[string]map[string]any{}
	for _, c := range s.When {
		if conditions[c.Operator] == nil {
			conditions[c.Operator] = map[string]any{}
		}
		conditions[c.Operator][c.Key] = c.Values
	}
	return conditions
}
