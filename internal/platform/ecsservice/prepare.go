package ecsservice

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
)

// survey is what Prepare has looked at so far.
type survey struct {
	op      string // for errors
	target  release.Target
	place   Place
	primary subject
	canary  subject
	repo    ecrimage.Repository
	pushed  map[release.Digest]time.Time // of the images that were looked at
	notes   []string

	presence release.Presence
}

// subject is one service and what it runs.
type subject struct {
	service    *types.Service
	definition *types.TaskDefinition
	tags       []types.Tag
	newest     int32
	digests    map[string]release.Digest // by container
}

func (s *subject) name() string { return aws.ToString(s.service.ServiceName) }

// Survey is what was found out before anything is changed.
type Survey struct {
	Record    Record
	Revision  release.Revision // pinned
	Live      bool             // the revision serves already
	Presence  release.Presence
	Resources []release.Resource // both services, also where the rest was refused

	pushed, livePushed time.Time
	serves             release.Digest
}

// Survey looks at both services and the revision, and answers the pinned revision and the record of the services. It
// changes nothing. It refuses, with Unstable, services that are not at rest; with NotFound, what does not exist; with
// Forbidden, a revision outside the target; with Invalid, services of which a canary would prove nothing. work looks at
// how the work finds the two services, as soon as they are known to be at rest.
func (p *Pair) Survey(ctx context.Context, target release.Target, rev release.Revision, work func(primary, canary *types.Service) error) (Survey, error) {
	place, err := placeOf(target)
	if err != nil {
		return Survey{}, err
	}
	s := &survey{op: "prepare " + string(target.Name), target: target, place: place}
	if err := rev.Check(); err != nil {
		return Survey{}, err
	}
	found, err := p.survey(ctx, s, rev, work)
	found.Resources = s.resources()
	return found, err
}

func (p *Pair) survey(ctx context.Context, s *survey, rev release.Revision, work func(primary, canary *types.Service) error) (Survey, error) {
	if err := p.look(ctx, s); err != nil {
		return Survey{}, err
	}
	if err := work(s.primary.service, s.canary.service); err != nil {
		return Survey{}, err
	}
	scaling, err := p.scaling(ctx, s)
	if err != nil {
		return Survey{}, err
	}
	s.presence = s.present(scaling)
	if err := p.digests(ctx, s); err != nil {
		return Survey{}, err
	}
	if err := s.comparable(); err != nil {
		return Survey{}, err
	}
	d := Record{Schema: schema, Scaling: scaling, Primary: s.primary.arm(), Canary: s.canary.arm()}
	if s.presence == release.Absent { // nothing is ever started of them again: no digest has to be kept
		d.Primary.Pinned, d.Canary.Pinned = true, true
	}
	return p.conclude(ctx, s, d, rev)
}

// Prepared makes the platform's answer: detail is the platform's own record, of which Record is a part, and aside what
// the line for people says besides the services.
func (s Survey) Prepared(detail any, aside string, metrics release.Metrics) (release.Prepared, error) {
	data, err := json.Marshal(detail)
	if err != nil {
		return release.Prepared{}, release.Errorf(release.Unexpected, "record the baseline", "%w", err)
	}
	return release.Prepared{
		Revision: s.Revision, Pushed: s.pushed, Live: s.Live, LivePushed: s.livePushed, Presence: s.Presence,
		Baseline: release.Baseline{
			Serves: string(s.serves), Summary: s.Record.summary(s.serves) + aside, Detail: data, TaskDefinition: s.Record.Primary.Definition,
		},
		Resources: s.Resources, Metrics: metrics,
	}, nil
}

// resources are both services, as far as they were found.
func (s *survey) resources() []release.Resource {
	if s.primary.service == nil || s.canary.service == nil {
		return nil
	}
	return []release.Resource{release.Resource(aws.ToString(s.primary.service.ServiceArn)), release.Resource(aws.ToString(s.canary.service.ServiceArn))}
}

// present says whether there is a baseline: tasks of it, or a scaling that may start some.
func (s *survey) present(scaling *scale) release.Presence {
	switch {
	case s.primary.service.DesiredCount > 0 || s.canary.service.DesiredCount > 0:
		return release.Serves
	case scaling != nil && scaling.Max > 0:
		return release.Rests
	}
	return release.Absent
}

// conclude pins the revision, looks whether it serves already, and closes the record.
func (p *Pair) conclude(ctx context.Context, s *survey, d Record, rev release.Revision) (Survey, error) {
	chosen, err := p.revision(ctx, s, d, rev)
	if err != nil {
		return Survey{}, err
	}
	d.Next, d.Notes = chosen.images, s.notes
	serves := d.Primary.digest(s.place.Container)
	if s.presence == release.Absent {
		serves = nothing
	}
	return Survey{
		Record: d, Revision: chosen.revision, Live: chosen.live && s.presence != release.Absent, Presence: s.presence,
		pushed: s.pushed[chosen.revision.Digest], livePushed: s.pushed[serves], serves: serves,
	}, nil
}

// nothing is what serves before a first release.
const nothing release.Digest = "nothing"

// look reads services and definitions and refuses what is not at rest.
func (p *Pair) look(ctx context.Context, s *survey) error {
	if ShortName(s.place.PrimaryService) == ShortName(s.place.CanaryService) {
		return release.Errorf(release.Invalid, s.op, "primaryService and canaryService are both %s; the canary needs a service of its own", s.place.PrimaryService)
	}
	primary, canary, err := p.services(ctx, s.place)
	if err != nil {
		return err
	}
	if primary == nil {
		return s.missing(s.place.PrimaryService, "primaryService")
	}
	if canary == nil {
		return s.missing(s.place.CanaryService, "canaryService")
	}
	s.primary.service, s.canary.service = primary, canary
	for _, subject := range []*subject{&s.primary, &s.canary} {
		if err := s.atRest(subject.service); err != nil {
			return err
		}
		if err := p.definition(ctx, s, subject); err != nil {
			return err
		}
	}
	return s.sameCapacity()
}

func (s *survey) missing(service, field string) error {
	return release.Errorf(release.NotFound, s.op, "service %s does not exist or was deleted in cluster %s; check %s.%s", service, s.place.Cluster, s.place.Field, field)
}

// definition reads what a service runs.
func (p *Pair) definition(ctx context.Context, s *survey, subject *subject) error {
	d, tags, err := p.describe(ctx, aws.ToString(subject.service.TaskDefinition))
	if err != nil {
		return err
	}
	if err := s.active(subject.service, d); err != nil {
		return err
	}
	name := ShortName(aws.ToString(d.TaskDefinitionArn))
	if _, ok := ContainerOf(d.ContainerDefinitions, s.place.Container); !ok {
		return release.Errorf(release.NotFound, s.op, "%s of service %s has no container %q; check %s.container", name, subject.name(), s.place.Container, s.place.Field)
	}
	if n := len(copiedTags(tags)) + len([]string{release.TagRelease, release.TagTarget, release.TagFor}); n > maxTags {
		return release.Errorf(release.Invalid, s.op, "%s has so many tags that serin's three would make %d; ECS allows %d, so remove some", name, n, maxTags)
	}
	newest, err := p.newest(ctx, aws.ToString(d.Family))
	if err != nil {
		return err
	}
	subject.definition, subject.tags, subject.newest = d, tags, max(newest, d.Revision)
	return nil
}

// active refuses a service whose definition was deregistered.
func (s *survey) active(service *types.Service, d *types.TaskDefinition) error {
	if d.Status == types.TaskDefinitionStatusActive {
		return nil
	}
	return release.Errorf(release.Unstable, s.op, "service %s runs %s, which is %s: ECS would not start it again after a rollback; deploy the service with an active task definition first (CDK: retain replaced definitions)",
		aws.ToString(service.ServiceName), ShortName(aws.ToString(d.TaskDefinitionArn)), d.Status)
}

// arm records a service.
func (s *subject) arm() Arm {
	d := primaryDeployment(s.service)
	a := Arm{
		Service: s.name(), ARN: aws.ToString(s.service.ServiceArn),
		Definition: aws.ToString(s.definition.TaskDefinitionArn), Family: aws.ToString(s.definition.Family), Newest: s.newest,
		Hash: hash(Registration(s.definition, nil)), Pinned: true,
		Desired: s.service.DesiredCount, Deployment: aws.ToString(d.Id),
	}
	for _, c := range s.definition.ContainerDefinitions {
		recorded := container{Name: aws.ToString(c.Name), Image: aws.ToString(c.Image), Digest: s.digests[aws.ToString(c.Name)]}
		if ref, err := ecrimage.Parse(recorded.Image); err == nil && recorded.Digest != "" {
			recorded.Pinned = ref.At(recorded.Digest)
			a.Pinned = a.Pinned && ref.Digest == recorded.Digest
		}
		a.Containers = append(a.Containers, recorded)
	}
	if config := s.service.DeploymentConfiguration; config != nil {
		a.MinHealthy, a.Max = aws.ToInt32(config.MinimumHealthyPercent), aws.ToInt32(config.MaximumPercent)
		if breaker := config.DeploymentCircuitBreaker; breaker != nil {
			a.Breaker, a.Reverts = breaker.Enable, breaker.Enable && breaker.Rollback
		}
	}
	return a
}

// comparable refuses two services whose difference would be the canary's only result.
func (s *survey) comparable() error {
	primary, canary := s.primary, s.canary
	app := s.place.Container
	if canary.service.DesiredCount > 0 && primary.digests[app] != canary.digests[app] {
		return release.Errorf(release.Unstable, s.op, "%s runs %s and %s runs %s: nobody can say which is the baseline; deploy both services with the same image first",
			primary.name(), primary.digests[app].Short(), canary.name(), canary.digests[app].Short())
	}
	found := differences(s.comparison(&primary), s.comparison(&canary), names{primary: primary.name(), canary: canary.name()})
	if len(found) == 0 {
		return nil
	}
	return release.Errorf(release.Invalid, s.op, "the task definitions of %s and %s differ in %s: the canary would be judged for that and not for the new version; make them equal (each may name its own service, and log elsewhere)",
		primary.name(), canary.name(), listed(found))
}

// comparison returns a subject's registration with each container's image as what runs, and without the image of the
// released container, which comparable looks at itself.
func (s *survey) comparison(subject *subject) any {
	in := Registration(subject.definition, nil)
	images := map[string]string{s.place.Container: "released"}
	if s.canary.service.DesiredCount > 0 { // a canary at rest with no task has resolved no tag yet
		for name, digest := range subject.digests {
			c, _ := ContainerOf(in.ContainerDefinitions, name)
			if ref, err := ecrimage.Parse(aws.ToString(c.Image)); err == nil && name != s.place.Container {
				images[name] = ref.At(digest)
			}
		}
	}
	PinImages(in, images)
	return tree(in)
}

// listed writes up to six names as a sentence's part.
func listed(names []string) string {
	const most = 6
	text, rest := "", 0
	for i, name := range names {
		switch {
		case i >= most:
			rest++
		case i == 0:
			text = name
		default:
			text += ", " + name
		}
	}
	if rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}
