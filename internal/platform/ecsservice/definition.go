package ecsservice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// maxTags is how many tags a task definition may have.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
const maxTags = 50

// Registration returns the call that registers a definition again: every field that can be registered, in a copy that
// may be changed without changing the original. Only what ECS itself fills in is left out (taskDefinitionArn, revision,
// status, requiresAttributes, compatibilities, registeredAt, registeredBy, deregisteredAt, deleteRequestedAt).
// A forgotten field would silently change the workload: a test fails when the SDK knows one that this does not.
func Registration(d *types.TaskDefinition, tags []types.Tag) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family:                  d.Family,
		ContainerDefinitions:    slices.Clone(d.ContainerDefinitions),
		Cpu:                     d.Cpu,
		EnableFaultInjection:    d.EnableFaultInjection,
		EphemeralStorage:        d.EphemeralStorage,
		ExecutionRoleArn:        d.ExecutionRoleArn,
		InferenceAccelerators:   d.InferenceAccelerators, //nolint:staticcheck // deprecated, and still part of what a definition says
		IpcMode:                 d.IpcMode,
		Memory:                  d.Memory,
		NetworkMode:             d.NetworkMode,
		PidMode:                 d.PidMode,
		PlacementConstraints:    d.PlacementConstraints,
		ProxyConfiguration:      d.ProxyConfiguration,
		RequiresCompatibilities: d.RequiresCompatibilities,
		RuntimePlatform:         d.RuntimePlatform,
		Tags:                    copiedTags(tags),
		TaskRoleArn:             d.TaskRoleArn,
		Volumes:                 d.Volumes,
	}
}

// copiedTags leaves out what cannot or must not be copied: AWS's own tags (CloudFormation's, say), which nobody else
// may write, and those of an earlier release.
func copiedTags(tags []types.Tag) []types.Tag {
	var copied []types.Tag
	for _, tag := range tags {
		key := aws.ToString(tag.Key)
		if strings.HasPrefix(strings.ToLower(key), "aws:") || isOurs(key) {
			continue
		}
		copied = append(copied, tag)
	}
	return copied
}

func isOurs(key string) bool {
	return key == release.TagRelease || key == release.TagTarget || key == release.TagFor
}

// label adds the tags by which a registration is found again.
func label(in *ecs.RegisterTaskDefinitionInput, rel *release.Release, what part) {
	for _, tag := range [][2]string{
		{release.TagRelease, string(rel.ID)}, {release.TagTarget, string(rel.Target.Name)}, {release.TagFor, string(what)},
	} {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(tag[0]), Value: aws.String(tag[1])})
	}
}

// PinImages replaces the images of the named containers.
func PinImages(in *ecs.RegisterTaskDefinitionInput, images map[string]string) {
	for i, c := range in.ContainerDefinitions {
		if image, ok := images[aws.ToString(c.Name)]; ok {
			in.ContainerDefinitions[i].Image = aws.String(image)
		}
	}
}

// ContainerOf returns the container of a definition by name.
func ContainerOf(containers []types.ContainerDefinition, name string) (types.ContainerDefinition, bool) {
	i := slices.IndexFunc(containers, func(c types.ContainerDefinition) bool { return aws.ToString(c.Name) == name })
	if i < 0 {
		return types.ContainerDefinition{}, false
	}
	return containers[i], true
}

// hash returns a hash of everything that a registration says but its tags, so that two registrations can be compared
// without keeping a value of either.
func hash(in *ecs.RegisterTaskDefinitionInput) string {
	data, err := json.Marshal(tree(in))
	if err != nil { // tree was read from JSON
		panic(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
