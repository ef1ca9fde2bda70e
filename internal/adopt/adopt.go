package adopt

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// Reader reads the world by the rules of the platform; *ecsqueue.Platform fits.
type Reader interface {
	Adopt(context.Context, release.ECSQueue) (ecsservice.Adoptable, error)
	Queue(context.Context, release.ECSQueue) (name string, attributes map[string]string, err error)
}

// Request says what to adopt. Cluster and Service are required; what else is empty is found out.
type Request struct {
	Cluster, Service string
	Target           release.TargetName // empty: the service's name
	Canary           string             // name of the canary's service; empty: the service's with -canary
	Container        string             // whose image is released; empty: the only one that may be meant
	Queue            string             // name or URL; empty: the only one that the container's environment names
}

// Worker is a queue worker that can be adopted.
type Worker struct {
	Name  release.TargetName
	Place release.ECSQueue // the canary's service does not exist yet

	home       arn.ARN // of the service
	repository string
	ecsservice.Adoptable
	queue queue
}

// Survey reads a worker. The error says what keeps it from being adopted, and what would be right.
func Survey(ctx context.Context, read Reader, r Request) (Worker, error) {
	if r.Canary == "" {
		r.Canary = r.Service + "-canary"
	}
	w := Worker{Place: release.ECSQueue{Cluster: r.Cluster, PrimaryService: r.Service, CanaryService: r.Canary}}
	var err error
	if w.Name, err = nameOf(r); err != nil {
		return w, err
	}
	found, err := read.Adopt(ctx, w.Place)
	if err != nil {
		return w, err
	}
	w.Adoptable = found
	if w.home, err = arn.Parse(aws.ToString(found.Service.ServiceArn)); err != nil {
		return w, release.Errorf(release.Unexpected, w.op(), "ECS says that the service's ARN is %q", aws.ToString(found.Service.ServiceArn))
	}
	container, err := w.container(r.Container)
	if err != nil {
		return w, err
	}
	w.Place.Container = aws.ToString(container.Name)
	if w.repository, err = w.repositoryOf(container); err != nil {
		return w, err
	}
	if w.Place.Queue, err = w.queueOf(container, r.Queue); err != nil {
		return w, err
	}
	name, attributes, err := read.Queue(ctx, w.Place)
	if err != nil {
		return w, err
	}
	w.Place.Queue = name
	w.queue, err = readQueue(attributes)
	return w, err
}

func (w Worker) op() string { return "adopt " + w.Place.Cluster + "/" + w.Place.PrimaryService }

// longest is what leaves room for serin- and -change in a role's name of 64 characters.
const longest = 64 - len("serin-") - len("-change")

var (
	targetForm = regexp.MustCompile(`^[a-z0-9-]+$`)
	unfit      = regexp.MustCompile(`[^a-z0-9-]+`)
)

// nameOf returns the target's name.
func nameOf(r Request) (release.TargetName, error) {
	name := string(r.Target)
	if name == "" {
		name = strings.Trim(unfit.ReplaceAllString(strings.ToLower(r.Service), "-"), "-")
	}
	if len(name) > longest || !targetForm.MatchString(name) {
		return "", release.Errorf(release.Invalid, "", "%q cannot be a target's name: it must have 1 to %d characters, a-z, 0-9 and -; give one with --name", name, longest)
	}
	return release.TargetName(name), nil
}

// Roles returns the template with serin's two roles for the worker, and the parameter that says what serves.
func (w Worker) Roles() ([]byte, error) {
	target := release.Target{
		Name: w.Name, Platform: release.PlatformECSQueue, ECSQueue: &w.Place,
		Source: release.Source{ECR: &release.ECRSource{Repository: w.repository}},
	}
	pass := []string{}
	for _, role := range []*string{w.Registration.TaskRoleArn, w.Registration.ExecutionRoleArn} {
		if role != nil {
			pass = append(pass, aws.ToString(role))
		}
	}
	return permit.Template(&target, permit.Known{SerinAccount: w.home.AccountID, PassRoles: pass})
}

// repositoryOf returns the name of the repository that a container's image is in.
func (w Worker) repositoryOf(c types.ContainerDefinition) (string, error) {
	image := aws.ToString(c.Image)
	ref, err := ecrimage.Parse(image)
	if err != nil {
		return "", release.Errorf(release.Invalid, w.op(), "container %s: %w", aws.ToString(c.Name), err)
	}
	home, private := ref.Private()
	switch {
	case !private:
		return "", release.Errorf(release.Invalid, w.op(), "container %s runs %s, which is not in Amazon ECR: serin releases images of an ECR repository, by digest; push the image to one and deploy the service from there first",
			aws.ToString(c.Name), image)
	case home.Account != w.home.AccountID || home.Region != w.home.Region:
		return "", release.Errorf(release.Invalid, w.op(), "container %s runs %s of account %s in %s, but serin's role reads repositories of the service's own account and region (%s in %s); replicate the repository there and deploy the service from it first",
			aws.ToString(c.Name), ref.Repository, home.Account, home.Region, w.home.AccountID, w.home.Region)
	}
	return ref.Repository, nil
}
