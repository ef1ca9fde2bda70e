package ecsqueue

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// pollEvery is how soon a working change is looked at again: ECS starts and stops tasks in tens of seconds.
const pollEvery = 15 * time.Second

// soon is how soon to look again where ECS only has to notice.
const soon = 5 * time.Second

// call is one call of a verb: the release, its baseline, and the world as this call found it.
type call struct {
	*Platform
	rel     *release.Release
	place   release.ECSQueue
	base    detail
	made    made
	canary  *side
	primary *side
	notes   []string // what a person should know besides
}

// side is one of the two services.
type side struct {
	arm     arm
	next    part           // of the new revision's definition
	before  part           // of the baseline's pinned copy
	service *types.Service // nil: it does not exist any more
	tasks   []types.Task
	past    []deployed
	pastSet bool
}

// begin reads the baseline and both services.
func (p *Platform) begin(ctx context.Context, rel *release.Release) (*call, error) {
	base, err := recorded(rel)
	if err != nil {
		return nil, err
	}
	c := &call{Platform: p, rel: rel, base: base, place: *rel.Target.ECSQueue, made: made{list: slices.Clone(rel.Made)}}
	c.canary = &side{arm: base.Canary, next: forCanary, before: forCanaryBaseline}
	c.primary = &side{arm: base.Primary, next: forPrimary, before: forPrimaryBaseline}
	c.primary.service, c.canary.service, err = p.services(ctx, c.place)
	return c, err
}

// readTasks reads the tasks of a side, stopped ones included: they tell why they stopped.
func (c *call) readTasks(ctx context.Context, s *side) error {
	if s.service == nil {
		return nil
	}
	found, err := c.Platform.tasks(ctx, c.place, s.arm.Service, types.DesiredStatusRunning, types.DesiredStatusStopped)
	if err != nil {
		return err
	}
	s.tasks = found
	unknown := func(task types.Task) bool {
		definition := aws.ToString(task.TaskDefinitionArn)
		return definition != s.arm.Definition && !c.made.holds(definition, parts...)
	}
	if slices.ContainsFunc(found, unknown) {
		return c.lookUp(ctx)
	}
	return nil
}

// standing says what a service is going to or has reached.
type standing int

const (
	gone      standing = iota // the service does not exist
	untouched                 // it is as it was recorded
	unseen                    // it looks as it was recorded, although serin has deployed to it: ECS does not show it yet
	ours                      // it goes to a definition of the new revision
	home                      // it was on the new revision and goes to the recorded definition again
	foreign                   // somebody else deployed to it
)

// glance classifies a side by its definition and deployment alone. A definition that is not recognized is looked up
// by tag before it is called foreign: the record of what serin made may have been lost with a crash.
func (c *call) glance(ctx context.Context, s *side) (standing, error) {
	if s.service == nil {
		return gone, nil
	}
	current := primaryDeployment(s.service)
	definition := aws.ToString(current.TaskDefinition)
	if definition == s.arm.Definition {
		if aws.ToString(current.Id) == s.arm.Deployment {
			return untouched, nil
		}
		return home, nil
	}
	if !c.made.holds(definition, parts...) {
		if err := c.lookUp(ctx); err != nil {
			return foreign, err
		}
	}
	switch {
	case c.made.holds(definition, s.next):
		return ours, nil
	case c.made.holds(definition, s.before):
		return home, nil
	}
	return foreign, nil
}

// stand classifies a side and asks ECS's history wherever the service alone does not tell: a deployment that ECS
// reverted leaves a service that looks as if nothing had been, and one that has just begun may not be shown yet.
func (c *call) stand(ctx context.Context, s *side) (standing, error) {
	seen, err := c.glance(ctx, s)
	if err != nil || seen != untouched && seen != home {
		return seen, err
	}
	past, deployed, err := c.everOurs(ctx, s)
	if err != nil {
		return seen, err
	}
	deployed = deployed || len(c.made.of(kindDeployment, s.next)) > 0
	copied := c.made.holds(aws.ToString(primaryDeployment(s.service).TaskDefinition), s.before)
	switch {
	case seen == home && !deployed && !copied:
		return foreign, nil // the recorded definition, deployed anew: an unpinned tag may mean another image now
	case seen == untouched && deployed && !past.ended() && c.now().Sub(c.rel.Since) < startup:
		return unseen, nil
	case seen == untouched && deployed:
		return home, nil
	}
	return seen, nil
}

// lookUp finds by tag what serin registered for this release. Revision numbers of a family only rise, so nothing at
// or below the highest recorded one can be serin's.
func (c *call) lookUp(ctx context.Context) error {
	if c.made.looked {
		return nil
	}
	arms := []arm{c.base.Canary, c.base.Primary}
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
func (c *call) claim(ctx context.Context, arn string) error {
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
	if tagValue(tags, release.TagRelease) == string(c.rel.ID) {
		c.made.add(kindDefinition, arn, part(tagValue(tags, release.TagFor)))
	}
	return nil
}

func tagValue(tags []types.Tag, key string) string {
	i := slices.IndexFunc(tags, func(t types.Tag) bool { return aws.ToString(t.Key) == key })
	if i < 0 {
		return ""
	}
	return aws.ToString(tags[i].Value)
}

// deployed is one deployment of a service since the release was opened.
type deployed struct {
	definition string
	at         time.Time
	status     types.ServiceDeploymentStatus
	reason     string
}

// ended reports whether ECS gave the deployment up, or was told to.
func (d deployed) ended() bool {
	switch d.status {
	case types.ServiceDeploymentStatusStopped, types.ServiceDeploymentStatusRollbackSuccessful, types.ServiceDeploymentStatusRollbackFailed,
		types.ServiceDeploymentStatusRollbackInProgress, types.ServiceDeploymentStatusRollbackRequested, types.ServiceDeploymentStatusStopRequested:
		return true
	}
	return false
}

// skew is how far ECS's clock may be behind the one that wrote when the release was opened.
const skew = 5 * time.Minute

// history reads what was deployed to a side since the release was opened, the newest first. It is the only trace of a deployment that
// ECS reverted: the service itself looks as if it had never been.
func (c *call) history(ctx context.Context, s *side) ([]deployed, error) {
	if s.pastSet {
		return s.past, nil
	}
	briefs, err := c.serviceDeployments(ctx, s)
	if err != nil {
		return nil, err
	}
	arns := make([]string, len(briefs))
	for i, brief := range briefs {
		arns[i] = aws.ToString(brief.TargetServiceRevisionArn)
	}
	revisions, err := c.revisions(ctx, slices.Compact(slices.Sorted(slices.Values(arns))))
	if err != nil {
		return nil, err
	}
	definitions := map[string]string{}
	for _, r := range revisions {
		definitions[aws.ToString(r.ServiceRevisionArn)] = aws.ToString(r.TaskDefinition)
	}
	for i, brief := range briefs {
		s.past = append(s.past, deployed{
			definition: definitions[arns[i]], at: aws.ToTime(brief.CreatedAt),
			status: brief.Status, reason: shorten(aws.ToString(brief.StatusReason)),
		})
	}
	slices.SortStableFunc(s.past, func(a, b deployed) int { return b.at.Compare(a.at) })
	s.pastSet = true
	return s.past, nil
}

func (c *call) serviceDeployments(ctx context.Context, s *side) ([]types.ServiceDeploymentBrief, error) {
	in := &ecs.ListServiceDeploymentsInput{
		Cluster: aws.String(c.place.Cluster), Service: aws.String(s.arm.Service),
		CreatedAt: &types.CreatedAt{After: aws.Time(c.rel.Opened.Add(-skew))},
	}
	var briefs []types.ServiceDeploymentBrief
	for {
		out, err := c.clients.ECS.ListServiceDeployments(ctx, in)
		if err != nil {
			return nil, awserr.Wrap("list the deployments of "+s.arm.Service, err)
		}
		briefs = append(briefs, out.ServiceDeployments...)
		if aws.ToString(out.NextToken) == "" {
			return briefs, nil
		}
		in.NextToken = out.NextToken
	}
}

// everOurs returns the newest deployment of the new revision to a side since the release was opened, if there was one.
func (c *call) everOurs(ctx context.Context, s *side) (deployed, bool, error) {
	past, err := c.history(ctx, s)
	if err != nil {
		return deployed{}, false, err
	}
	unknown := func(d deployed) bool {
		return d.definition != s.arm.Definition && !c.made.holds(d.definition, parts...)
	}
	if slices.ContainsFunc(past, unknown) {
		if err := c.lookUp(ctx); err != nil {
			return deployed{}, false, err
		}
	}
	for _, d := range past {
		if c.made.holds(d.definition, s.next) {
			return d, true, nil
		}
	}
	return deployed{}, false, nil
}

// working answers that a change goes on.
func (c *call) working(wait time.Duration, note string) release.Progress {
	return c.progress(release.Working, wait, note)
}

func (c *call) progress(state release.ProgressState, wait time.Duration, note string) release.Progress {
	for _, more := range c.notes {
		note += "; " + more
	}
	return release.Progress{State: state, Note: note, Wait: wait, Made: c.made.list}
}
