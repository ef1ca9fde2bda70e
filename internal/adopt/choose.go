package adopt

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
)

// container returns the container whose image is released: the one that is named, or the only essential one whose
// image is in ECR.
func (w Worker) container(name string) (types.ContainerDefinition, error) {
	var all []string
	var candidates []types.ContainerDefinition
	for _, c := range w.Registration.ContainerDefinitions {
		all = append(all, aws.ToString(c.Name))
		if aws.ToString(c.Name) == name {
			return c, nil
		}
		ref, err := ecrimage.Parse(aws.ToString(c.Image))
		if _, private := ref.Private(); err == nil && private && (c.Essential == nil || *c.Essential) {
			candidates = append(candidates, c)
		}
	}
	switch {
	case name != "":
		return types.ContainerDefinition{}, release.Errorf(release.NotFound, w.op(), "%s has no container %q; it has %s", w.Definition, name, strings.Join(all, ", "))
	case len(all) == 1:
		return w.Registration.ContainerDefinitions[0], nil
	case len(candidates) == 1:
		return candidates[0], nil
	}
	return types.ContainerDefinition{}, release.Errorf(release.Invalid, w.op(), "%s has the containers %s: say with --container whose image is released", w.Definition, strings.Join(all, ", "))
}

// A queue's URL, as SQS writes it today and as it wrote it before.
// https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
var queueURL = regexp.MustCompile(`^https://(?:sqs[.-][a-z0-9.-]+|[a-z0-9-]+\.queue)\.amazonaws\.com(?:\.cn)?/\d{12}/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)$`)

// queueNamed returns the queue that a value names, if it is a queue's URL or ARN.
func queueNamed(value string) (name string, ok bool) {
	if found := queueURL.FindStringSubmatch(value); found != nil {
		return found[1], true
	}
	if parsed, err := arn.Parse(value); err == nil && parsed.Service == "sqs" {
		return parsed.Resource, true
	}
	return "", false
}

// queueOf returns the queue that a worker reads: the one that is named, or the only one that its environment names.
func (w Worker) queueOf(c types.ContainerDefinition, given string) (string, error) {
	if name, ok := queueNamed(given); ok {
		return name, nil
	}
	if given != "" {
		return given, nil
	}
	var names, where []string
	for _, variable := range c.Environment {
		name, ok := queueNamed(aws.ToString(variable.Value))
		if ok && !slices.Contains(names, name) {
			names = append(names, name)
			where = append(where, aws.ToString(variable.Name)+" ("+name+")")
		}
	}
	if len(names) == 1 {
		return names[0], nil
	}
	if len(names) == 0 {
		return "", release.Errorf(release.Invalid, w.op(), "no variable of container %s holds a queue's URL or ARN (secrets are not read): say with --queue which queue it reads", aws.ToString(c.Name))
	}
	return "", release.Errorf(release.Invalid, w.op(), "container %s names several queues, %s: say with --queue which one it reads its work from", aws.ToString(c.Name), strings.Join(where, ", "))
}

// queue is what a queue's attributes say.
type queue struct {
	visibility int    // seconds that a received message stays out of sight
	receives   int    // after so many a message is a dead letter; 0: never
	deadLetter string // name of the queue for dead letters; empty where there is none
}

func readQueue(attributes map[string]string) (queue, error) {
	q := queue{visibility: 30} // SQS's default
	if text := attributes["VisibilityTimeout"]; text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil {
			return q, release.Errorf(release.Unexpected, "read the queue", "its VisibilityTimeout is %q", text)
		}
		q.visibility = seconds
	}
	text := attributes["RedrivePolicy"]
	if text == "" {
		return q, nil
	}
	var redrive struct {
		DeadLetterTargetArn string      `json:"deadLetterTargetArn"`
		MaxReceiveCount     json.Number `json:"maxReceiveCount"` // a number, or a text in old policies
	}
	if err := json.Unmarshal([]byte(text), &redrive); err != nil {
		return q, release.Errorf(release.Unexpected, "read the queue", "its RedrivePolicy is %q", text)
	}
	q.deadLetter, _ = queueNamed(redrive.DeadLetterTargetArn)
	receives, err := redrive.MaxReceiveCount.Int64()
	if err != nil {
		return q, release.Errorf(release.Unexpected, "read the queue", "its RedrivePolicy is %q", text)
	}
	q.receives = int(receives)
	return q, nil
}
