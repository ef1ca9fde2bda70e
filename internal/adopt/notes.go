package adopt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Notes returns what the worker's team should know before it deploys, a sentence or two each.
func (w Worker) Notes() []string {
	notes := []string{
		fmt.Sprintf("whatever deploys %s today goes on moving it, past the canary: let it take the task definition from the SSM parameter %s instead (docs/adopt.md says how, for each tool)",
			w.Place.PrimaryService, w.Name.LiveParameter()),
	}
	if names := w.variables(); len(names) > 0 {
		notes = append(notes, fmt.Sprintf("the canary's template holds the values of %s as the task definition has them: move what is secret to Secrets Manager before you commit it", listed(names)))
	}
	switch {
	case w.queue.deadLetter == "":
		notes = append(notes, fmt.Sprintf("the queue %s has no dead-letter queue: a message that cannot be processed comes back until it is too old, and no alarm tells", w.Place.Queue))
	case w.queue.receives == 1:
		notes = append(notes, fmt.Sprintf("the queue %s makes a dead letter of a message at its first failure (maxReceiveCount 1): also of those in hand when a canary is stopped; 3 to 5 is sane", w.Place.Queue))
	}
	if w.Max > 0 {
		notes = append(notes, fmt.Sprintf("%s is scaled from %d to %d tasks: if it is by the backlog for each task, count the canary's tasks too; the canary itself must not be scaled", w.Place.PrimaryService, w.Min, w.Max))
	}
	return notes
}

// variables are the names of the environment variables whose values the template holds.
func (w Worker) variables() []string {
	var names []string
	for _, c := range w.Registration.ContainerDefinitions {
		for _, variable := range c.Environment {
			if name := aws.ToString(variable.Name); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// listed writes up to four names.
func listed(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
