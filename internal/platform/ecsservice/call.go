package ecsservice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// pollEvery is how soon a working change is looked at again: ECS starts and stops tasks in tens of seconds.
const pollEvery = 15 * time.Second

// soon is how soon to look again where ECS only has to notice.
const soon = 5 * time.Second

// Call is one call of a verb: the release, its baseline, and the world as this call found it.
type Call struct {
	*Pair
	rel     *release.Release
	place   Place
	base    Record
	made    made
	canary  *Side
	primary *Side
	notes   []string // what a person should know besides
	changed bool     // a change was asked of AWS, answered or not
}

// Side is one of the two services.
type Side struct {
	arm     Arm
	next    part           // of the new revision's definition
	before  part           // of the baseline's pinned copy
	service *types.Service // nil: it does not exist any more
	tasks   []*types.Task
	past    []deployed
	pastSet bool
}

// Begin looks at both services for one call of a verb.
func (p *Pair) Begin(ctx context.Context, rel *release.Release, base Record) (*Call, error) {
	place, err := placeOf(rel.Target)
	if err != nil {
		return nil, release.Errorf(release.LedgerCorrupt, "read the target of release "+string(rel.ID), "%w", err)
	}
	c := &Call{Pair: p, rel: rel, base: base, place: place, made: made{list: slices.Clip(rel.Made)}}
	c.canary = &Side{arm: base.Canary, next: forCanary, before: forCanaryBaseline}
	c.primary = &Side{arm: base.Primary, next: forPrimary, before: forPrimaryBaseline}
	c.primary.service, c.canary.service, err = p.services(ctx, c.place)
	return c, err
}

// readTasks reads the tasks of a side, stopped ones included: they tell why they stopped.
func (c *Call) readTasks(ctx context.Context, s *Side) error {
	if s.service == nil {
		return nil
	}
	found, err := c.Pair.tasks(ctx, c.place, s.arm.Service, types.DesiredStatusRunning, types.DesiredStatusStopped)
	if err != nil {
		return err
	}
	s.tasks = found
	unknown := func(task *types.Task) bool {
		definition := aws.ToString(task.TaskDefinitionArn)
		return definition != s.arm.Definition && !c.made.holds(definition, parts...)
	}
	if slices.ContainsFunc(found, unknown) {
		return c.lookUp(ctx)
	}
	return nil
}

// lookUp finds by tag what serin registered for this release. Revision numbers of a family only rise, so nothing at
// or below the highest recorded one can be serin's.
func (c *Call) lookUp(ctx context.Context) error {
	if c.made.looked {
		return nil
	}
	arms := []Arm{c.base.Canary, c.base.Primary}
	if arms[0].Family == arms[1].Family {
		arms[0].Newest = min(arms[0].Newest, arms[1].Newest)
		arms = arms[:1]
	}
	for _, arm := range arms {
		arns, err := c.definitions(ctx, arm.Family, arm.Newest)
		if err != nil {
			return err
		}
		for _, arn := range slices.Backward(arns) { // the oldest first: every call then takes the same one of two
			if err := c.claim(ctx, arn); err != nil {
				return err
			}
		}
	}
	c.made.looked = true
	return nil
}

// claim adds a definition to what serin made if its tags say so.
func (c *Call) claim(ctx context.Context, arn string) error {
	if c.made.holds(arn, parts...) {
		return nil
	}
	_, tags, err := c.describe(ctx, arn)
	if err != nil {
		if release.CodeOf(err) == release.NotFound {
			return nil // deleted since it was listed
		}
		return err
	}
	if TagValue(tags, release.TagRelease) == string(c.rel.ID) {
		c.made.add(kindDefinition, arn, part(TagValue(tags, release.TagFor)))
	}
	return nil
}

// TagValue returns the value of a tag, or "".
func TagValue(tags []types.Tag, key string) string {
	i := slices.IndexFunc(tags, func(t types.Tag) bool { return aws.ToString(t.Key) == key })
	if i < 0 {
		return ""
	}
	return aws.ToString(tags[i].Value)
}

// Working answers that a change goes on.
func (c *Call) Working(wait time.Duration, note string) release.Progress {
	return c.Progress(release.Working, wait, note)
}

// Progress answers with everything that this call knows to be made.
func (c *Call) Progress(state release.ProgressState, wait time.Duration, note string) release.Progress {
	for _, more := range c.notes {
		note += "; " + more
	}
	return release.Progress{State: state, Note: note, Wait: wait, Made: c.made.list, Changed: c.changed}
}

// staying answers that all is where it stays, and how many tasks run.
func (c *Call) staying(note string) release.Progress {
	var running, desired int32
	for _, s := range []*Side{c.canary, c.primary} {
		if s.service != nil {
			running, desired = running+s.service.RunningCount, desired+s.service.DesiredCount
		}
	}
	progress := c.Progress(release.Reached, 0, note)
	progress.Stays = fmt.Sprintf("%d of %s running", running, TaskCount(desired))
	return progress
}

// Services returns both services as this call found them; nil where one does not exist any more.
func (c *Call) Services() (primary, canary *types.Service) {
	return c.primary.service, c.canary.service
}

// PrimaryUntouched reports whether the primary service is as it was recorded and serin has asked nothing of it.
func (c *Call) PrimaryUntouched(ctx context.Context) (bool, error) {
	seen, err := c.stand(ctx, c.primary)
	return seen == untouched, err
}

// Remember keeps what the platform itself has to remember of the release, with what was made for it.
func (c *Call) Remember(kind, id string) { c.made.add(kind, id, "") }

// Remembered returns what was remembered last, or "".
func (c *Call) Remembered(kind string) string {
	ids := c.made.of(kind, "")
	if len(ids) == 0 {
		return ""
	}
	return ids[len(ids)-1]
}

// Aside adds what a person should know besides to whatever this call answers.
func (c *Call) Aside(note string) { c.notes = append(c.notes, note) }

// Now is the time of the account.
func (c *Call) Now() time.Time { return c.now() }
