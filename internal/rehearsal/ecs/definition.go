package ecs

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

type family struct {
	name      string
	revisions []*definition // revision n at n-1
}

// definition is one registered task definition. Only its status changes after registration.
type definition struct {
	arn  string
	data types.TaskDefinition
	tags []types.Tag
}

func (d *definition) active() bool { return d.data.Status == types.TaskDefinitionStatusActive }

func (c *Control) register(in *sdk.RegisterTaskDefinitionInput) (*definition, error) {
	if err := checkRegistration(in); err != nil {
		return nil, err
	}
	name := aws.ToString(in.Family)
	f := c.families[name]
	if f == nil {
		f = &family{name: name}
		c.families[name] = f
		at, _ := slices.BinarySearch(c.familyNames, name)
		c.familyNames = slices.Insert(c.familyNames, at, name)
	}
	number := len(f.revisions) + 1
	arn := arnPrefix + "task-definition/" + name + ":" + strconv.Itoa(number)
	d := &definition{arn: arn, data: definitionOf(in), tags: cloneTags(in.Tags)}
	d.data.TaskDefinitionArn = &arn
	d.data.Revision = int32(number)
	d.data.Status = types.TaskDefinitionStatusActive
	d.data.RegisteredAt = aws.Time(c.loop.Now())
	d.data.RegisteredBy = aws.String(principal)
	f.revisions = append(f.revisions, d)
	c.definitions[arn] = d
	return d, nil
}

// definitionOf returns a registration as ECS stores it: a copy with the defaults filled in.
func definitionOf(in *sdk.RegisterTaskDefinitionInput) types.TaskDefinition {
	d := cloneDefinition(&types.TaskDefinition{
		ContainerDefinitions: in.ContainerDefinitions, Family: in.Family, Cpu: in.Cpu, Memory: in.Memory,
		EnableFaultInjection: in.EnableFaultInjection, EphemeralStorage: in.EphemeralStorage,
		ExecutionRoleArn: in.ExecutionRoleArn, TaskRoleArn: in.TaskRoleArn, InferenceAccelerators: in.InferenceAccelerators, //nolint:staticcheck // deprecated, and still part of a definition
		IpcMode: in.IpcMode, PidMode: in.PidMode, NetworkMode: in.NetworkMode, PlacementConstraints: in.PlacementConstraints,
		ProxyConfiguration: in.ProxyConfiguration, RequiresCompatibilities: in.RequiresCompatibilities,
		RuntimePlatform: in.RuntimePlatform, Volumes: in.Volumes,
	})
	d.Compatibilities = []types.Compatibility{types.CompatibilityEc2}
	if slices.Contains(in.RequiresCompatibilities, types.CompatibilityFargate) {
		d.Compatibilities = append(d.Compatibilities, types.CompatibilityFargate)
	}
	d.RequiresAttributes = []types.Attribute{{Name: aws.String("com.amazonaws.ecs.capability.docker-remote-api.1.18")}}
	for i := range d.ContainerDefinitions {
		// "If this parameter is omitted, a container is assumed to be essential."
		// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
		if d.ContainerDefinitions[i].Essential == nil {
			d.ContainerDefinitions[i].Essential = aws.Bool(true)
		}
	}
	return d
}

// checkRegistration refuses what RegisterTaskDefinition refuses, as far as a release can get it wrong.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
func checkRegistration(in *sdk.RegisterTaskDefinitionInput) error {
	if !familyName(aws.ToString(in.Family)) {
		return clientError("Family contains invalid characters.")
	}
	if len(in.ContainerDefinitions) == 0 {
		return clientError("Container list cannot be empty.")
	}
	essential := false
	seen := make(map[string]bool, len(in.ContainerDefinitions))
	for i := range in.ContainerDefinitions {
		cd := &in.ContainerDefinitions[i]
		name := aws.ToString(cd.Name)
		switch {
		case name == "":
			return clientError("Container.name should not be null or empty.")
		case aws.ToString(cd.Image) == "":
			return clientError("Container.image should not be null or empty.")
		case seen[name]:
			return clientError("Duplicate container name: " + name + ".")
		}
		seen[name] = true
		essential = essential || cd.Essential == nil || *cd.Essential
	}
	if !essential {
		return clientError("At least one container must be marked as essential.")
	}
	if slices.Contains(in.RequiresCompatibilities, types.CompatibilityFargate) && (in.Cpu == nil || in.Memory == nil) {
		return clientError("Fargate requires that 'cpu' and 'memory' be defined at the task level.")
	}
	if len(in.Tags) > 50 {
		return invalidParameter("Too many tags: a task definition can have at most 50.")
	}
	return nil
}

// familyName reports whether name has up to 255 letters, digits, underscores and hyphens.
func familyName(name string) bool {
	ok := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	return name != "" && len(name) <= 255 && !strings.ContainsFunc(name, func(r rune) bool { return !ok(r) })
}

// definition finds a task definition by ARN, by family:revision, or by family: then the latest ACTIVE revision.
func (c *Control) definition(name string) *definition {
	if d := c.definitions[name]; d != nil {
		return d
	}
	if strings.Contains(name, ":") {
		return c.definitions[arnPrefix+"task-definition/"+name]
	}
	if f := c.families[name]; f != nil {
		for _, d := range slices.Backward(f.revisions) {
			if d.active() {
				return d
			}
		}
	}
	return nil
}

// deregister makes a definition INACTIVE: it can be described and what runs on it goes on, but no service can be
// updated to it. (AWS may take ten minutes to enforce that; here it holds at once.)
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
func (c *Control) deregister(name string) (*definition, error) {
	if !strings.Contains(name, ":") {
		return nil, clientError("A revision is needed to deregister a task definition.")
	}
	d := c.definition(name)
	if d == nil {
		return nil, clientError("The specified task definition does not exist.")
	}
	if d.active() {
		d.data.Status = types.TaskDefinitionStatusInactive
		d.data.DeregisteredAt = aws.Time(c.loop.Now())
	}
	return d, nil
}

// listDefinitions returns one page of ARNs. INACTIVE ones are listed only as long as a service or a task refers to
// them. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html
func (c *Control) listDefinitions(in *sdk.ListTaskDefinitionsInput) (*sdk.ListTaskDefinitionsOutput, error) {
	status := in.Status
	if status == "" {
		status = types.TaskDefinitionStatusActive
	}
	names := c.familyNames
	if in.FamilyPrefix != nil {
		names = []string{*in.FamilyPrefix}
	}
	var all []string
	for _, name := range names {
		f := c.families[name]
		if f == nil {
			continue
		}
		for _, d := range f.revisions {
			if d.data.Status == status && (d.active() || c.refersTo(d)) {
				all = append(all, d.arn)
			}
		}
	}
	if in.Sort == types.SortOrderDesc {
		slices.Reverse(all)
	}
	from, to, next, err := c.page(len(all), in.MaxResults, 100, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &sdk.ListTaskDefinitionsOutput{TaskDefinitionArns: slices.Clone(all[from:to]), NextToken: next}, nil
}

func (c *Control) refersTo(d *definition) bool {
	for _, s := range c.services {
		for _, dep := range s.deployments {
			if dep.revision.definition == d {
				return true
			}
		}
		for _, t := range s.stopped {
			if t.deployment.revision.definition == d && t.stoppedAt.After(c.loop.Now().Add(-stoppedVisible)) {
				return true
			}
		}
	}
	return false
}

// page cuts a list: limit entries where the caller asks for no size, 100 at most. A token is the index where the next
// page begins.
func (c *Control) page(length int, size *int32, limit int, token *string) (from, to int, next *string, err error) {
	if size != nil {
		if *size < 1 || *size > 100 {
			return 0, 0, nil, invalidParameter("maxResults must be between 1 and 100.")
		}
		limit = int(*size)
	}
	if c.pages > 0 {
		limit = min(limit, c.pages)
	}
	if token != nil {
		if from, err = strconv.Atoi(*token); err != nil || from < 0 {
			return 0, 0, nil, invalidParameter("Invalid token.")
		}
		from = min(from, length)
	}
	to = min(length, from+limit)
	if to < length {
		next = aws.String(strconv.Itoa(to))
	}
	return from, to, next, nil
}

// stoppedVisible is how long a stopped task can be listed and described.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html ("at least one hour")
const stoppedVisible = time.Hour
