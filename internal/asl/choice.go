package asl

import "fmt"

// choice is a Choice state. Without a Default every input must match a rule, which nobody can check; so here a
// Default is required.
type choice struct {
	rules     []*rule
	otherwise transition
}

type rule struct {
	when condition
	next transition
}

// condition is one test, or several of which all must hold. Tests are made in order and stop at the first that does
// not hold, so that IsPresent can guard the tests behind it.
type condition struct {
	all []condition // And

	variable path
	present  *bool   // IsPresent
	equals   *string // StringEquals
}

func readChoice(o *object) *choice {
	c := &choice{}
	for _, item := range o.list("Choices") {
		r := &rule{next: transition{name: item.text("Next")}}
		item.comment()
		r.when = readCondition(item)
		if err := item.done(); err != nil && o.err == nil {
			o.err = err
		}
		c.rules = append(c.rules, r)
	}
	c.otherwise.name = o.text("Default")
	return c
}

// readCondition takes one test from the fields of a rule or of a part of And.
func readCondition(o *object) condition {
	if o.has("And") {
		var c condition
		for _, item := range o.list("And") {
			c.all = append(c.all, readCondition(item))
			if err := item.done(); err != nil && o.err == nil {
				o.err = err
			}
		}
		return c
	}
	c := condition{variable: o.path("Variable")}
	switch {
	case o.has("IsPresent"):
		present := o.flag("IsPresent")
		c.present = &present
	case o.has("StringEquals"):
		equals := decode[string](o, "StringEquals", "a string")
		c.equals = &equals
	default:
		o.fail("has no test this interpreter knows; it must be And, IsPresent or StringEquals")
	}
	return c
}

// pick returns where the data leads.
func (c *choice) pick(data *document) (*state, *failure) {
	for _, r := range c.rules {
		holds, err := r.when.holds(data)
		if err != nil {
			return nil, err
		}
		if holds {
			return r.next.to, nil
		}
	}
	return c.otherwise.to, nil
}

func (c condition) holds(data *document) (bool, *failure) {
	for _, part := range c.all {
		if holds, err := part.holds(data); !holds || err != nil {
			return false, err
		}
	}
	if c.all != nil {
		return true, nil
	}
	value := c.variable.in(data)
	if c.present != nil {
		return (value != nil) == *c.present, nil
	}
	if value == nil {
		return false, &failure{errRuntime, fmt.Sprintf("the Choice's path %s leads nowhere in its input", c.variable)}
	}
	text, ok := value.content()
	return ok && string(text) == *c.equals, nil
}
