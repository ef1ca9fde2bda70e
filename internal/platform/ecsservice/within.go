package ecsservice

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// withinTarget refuses a task definition that would be allowed more than the baseline: another family, another role,
// the host's network, processes, files or devices. What a release may change is what the workload does, never what it
// may do.
func (s *survey) withinTarget(name string, next *ecs.RegisterTaskDefinitionInput) error {
	base := Registration(s.primary.definition, nil)
	forbid := func(what string) error {
		return release.Errorf(release.Forbidden, s.op, "task definition %s has another %s than %s, which %s runs; change that with your infrastructure, not with a release",
			name, what, ShortName(aws.ToString(s.primary.definition.TaskDefinitionArn)), s.primary.name())
	}
	for _, field := range []struct {
		name       string
		next, base any
	}{
		{"family", aws.ToString(next.Family), aws.ToString(base.Family)},
		{"taskRoleArn", aws.ToString(next.TaskRoleArn), aws.ToString(base.TaskRoleArn)},
		{"executionRoleArn", aws.ToString(next.ExecutionRoleArn), aws.ToString(base.ExecutionRoleArn)},
		{"networkMode", next.NetworkMode, base.NetworkMode},
		{"pidMode", next.PidMode, base.PidMode},
		{"ipcMode", next.IpcMode, base.IpcMode},
		{"enableFaultInjection", aws.ToBool(next.EnableFaultInjection), aws.ToBool(base.EnableFaultInjection)},
		{"host volume", hostPaths(next.Volumes), hostPaths(base.Volumes)},
	} {
		if !reflect.DeepEqual(field.next, field.base) {
			return forbid(field.name)
		}
	}
	for _, c := range next.ContainerDefinitions {
		before, _ := ContainerOf(base.ContainerDefinitions, aws.ToString(c.Name))
		if gained := privileges(c, before); gained != "" {
			return forbid(gained + " in container " + aws.ToString(c.Name))
		}
	}
	return nil
}

// privileges names the first thing that a container may do and the one before it may not; a container that did not
// exist before is compared with one without privileges.
func privileges(next, before types.ContainerDefinition) string {
	switch {
	case aws.ToBool(next.Privileged) && !aws.ToBool(before.Privileged):
		return "privileged"
	case isRoot(next) && !isRoot(before) && before.Name != nil:
		return "user"
	case !reflect.DeepEqual(linuxRights(next), linuxRights(before)):
		return "linuxParameters (capabilities, devices)"
	case !reflect.DeepEqual(sorted(next.DockerSecurityOptions), sorted(before.DockerSecurityOptions)):
		return "dockerSecurityOptions"
	case !reflect.DeepEqual(sorted(next.CredentialSpecs), sorted(before.CredentialSpecs)):
		return "credentialSpecs"
	case !reflect.DeepEqual(next.RepositoryCredentials, before.RepositoryCredentials):
		return "repositoryCredentials"
	}
	return ""
}

func isRoot(c types.ContainerDefinition) bool {
	user, _, _ := strings.Cut(aws.ToString(c.User), ":")
	return user == "" || user == "0" || user == "root"
}

// rights are what a container may do beyond its own walls.
type rights struct {
	added   []string
	dropped []string
	devices []types.Device
}

func linuxRights(c types.ContainerDefinition) rights {
	var r rights
	if p := c.LinuxParameters; p != nil {
		r.devices = p.Devices
		if p.Capabilities != nil {
			r.added, r.dropped = sorted(p.Capabilities.Add), sorted(p.Capabilities.Drop)
		}
	}
	if len(r.devices) == 0 {
		r.devices = nil
	}
	return r
}

func hostPaths(volumes []types.Volume) []string {
	var paths []string
	for _, volume := range volumes {
		if volume.Host != nil && aws.ToString(volume.Host.SourcePath) != "" {
			paths = append(paths, aws.ToString(volume.Host.SourcePath))
		}
	}
	return sorted(paths)
}

// sorted returns a sorted copy; of nothing it is nil, so that absent and empty are the same.
func sorted(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return slices.Sorted(slices.Values(list))
}
