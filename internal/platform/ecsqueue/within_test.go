package ecsqueue

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/platform/ecsservice/ecsservicetest"
	"github.com/serin-aws/serin/internal/release"
)

// What a released task definition may not change, one field at a time.
func TestWithinTarget(t *testing.T) {
	container := func(change func(*types.ContainerDefinition)) func(*ecs.RegisterTaskDefinitionInput) {
		return func(in *ecs.RegisterTaskDefinitionInput) { change(&in.ContainerDefinitions[0]) }
	}
	allowed := map[string]func(*ecs.RegisterTaskDefinitionInput){
		"size": func(in *ecs.RegisterTaskDefinitionInput) { in.Cpu = aws.String("1024") },
		"environment": container(func(c *types.ContainerDefinition) {
			c.Environment = append(c.Environment, types.KeyValuePair{Name: aws.String("NEW"), Value: aws.String("1")})
		}),
		"secrets":      container(func(c *types.ContainerDefinition) { c.Secrets = nil }),
		"less root":    container(func(c *types.ContainerDefinition) { c.User = aws.String("1000") }),
		"architecture": func(in *ecs.RegisterTaskDefinitionInput) { in.RuntimePlatform = nil },
	}
	forbidden := map[string]func(*ecs.RegisterTaskDefinitionInput){
		"family":      func(in *ecs.RegisterTaskDefinitionInput) { in.Family = aws.String("orders-worker-canary") },
		"taskRoleArn": func(in *ecs.RegisterTaskDefinitionInput) { in.TaskRoleArn = aws.String("arn:aws:iam::1:role/admin") },
		"executionRoleArn": func(in *ecs.RegisterTaskDefinitionInput) {
			in.ExecutionRoleArn = aws.String("arn:aws:iam::1:role/admin")
		},
		"networkMode": func(in *ecs.RegisterTaskDefinitionInput) { in.NetworkMode = types.NetworkModeHost },
		"pidMode":     func(in *ecs.RegisterTaskDefinitionInput) { in.PidMode = types.PidModeHost },
		"ipcMode":     func(in *ecs.RegisterTaskDefinitionInput) { in.IpcMode = types.IpcModeHost },
		"host volume": func(in *ecs.RegisterTaskDefinitionInput) {
			in.Volumes = []types.Volume{{Host: &types.HostVolumeProperties{SourcePath: aws.String("/")}}}
		},
		"privileged": container(func(c *types.ContainerDefinition) { c.Privileged = aws.Bool(true) }),
		"linuxParameters": container(func(c *types.ContainerDefinition) {
			c.LinuxParameters = &types.LinuxParameters{Capabilities: &types.KernelCapabilities{Add: []string{"SYS_ADMIN"}}}
		}),
		"dockerSecurityOptions": container(func(c *types.ContainerDefinition) { c.DockerSecurityOptions = []string{"label:disable"} }),
		"credentialSpecs":       container(func(c *types.ContainerDefinition) { c.CredentialSpecs = []string{"x"} }),
		"repositoryCredentials": container(func(c *types.ContainerDefinition) { c.RepositoryCredentials = &types.RepositoryCredentials{} }),
		"neither in the target's repository": func(in *ecs.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions = append(in.ContainerDefinitions, types.ContainerDefinition{Name: aws.String("miner"), Image: aws.String("docker.io/miner:1")})
		},
		"is not in the target's repository": container(func(c *types.ContainerDefinition) { c.Image = aws.String("docker.io/orders-worker:1") }),
		"nor where the baseline's": func(in *ecs.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[1].Image = aws.String("docker.io/xray/aws-xray-daemon:3.x")
		},
	}
	prepare := func(change func(*ecs.RegisterTaskDefinitionInput)) (release.Prepared, error) {
		w := standard()
		in := ecsservicetest.WorkerDefinition("orders-worker")
		in.ContainerDefinitions[0].Image = aws.String(registry + "/orders-worker:release-42")
		change(in)
		d := w.register(in)
		return platformOf(w).Prepare(t.Context(), ordersTarget(), release.Revision{TaskDefinition: aws.ToString(d.TaskDefinitionArn)})
	}
	for name, change := range allowed {
		if prepared, err := prepare(change); err != nil || prepared.Live || prepared.Revision.Digest != release.Digest(newDigest) {
			t.Errorf("%s: %+v, %v", name, prepared.Revision, err)
		}
	}
	for name, change := range forbidden {
		_, err := prepare(change)
		if release.CodeOf(err) != release.Forbidden || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := prepare(func(in *ecs.RegisterTaskDefinitionInput) {
		in.ContainerDefinitions[1].Image = aws.String("public.ecr.aws/xray/aws-xray-daemon:4.x")
	})
	wantError(t, err, release.Invalid, "cannot resolve", "public.ecr.aws/xray/aws-xray-daemon@sha256")
	_, err = prepare(func(in *ecs.RegisterTaskDefinitionInput) { in.ContainerDefinitions[0].Name = aws.String("app") })
	if err == nil {
		t.Error("a definition without the released container is taken")
	}
}
