package ecs

import "github.com/aws/aws-sdk-go-v2/aws"

// Registered is a task definition as it is, for invariants.
type Registered struct {
	ARN    string
	Active bool
	Tags   map[string]string
}

// Definitions returns every task definition, by family and revision.
func (c *Control) Definitions() []Registered {
	var all []Registered
	for _, name := range c.familyNames {
		for _, d := range c.families[name].revisions {
			r := Registered{ARN: d.arn, Active: d.active(), Tags: make(map[string]string, len(d.tags))}
			for _, tag := range d.tags {
				r.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			all = append(all, r)
		}
	}
	return all
}
