package ecs

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// An answer must never share memory with the world, and copying by reflection costs more than everything else an
// answer costs; so the copies are written out. A test fills every field by reflection and fails when one is shared.

func ptr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// each copies a slice and then lets fix make every element independent of the original. Nil stays nil.
func each[T any](in []T, fix func(*T)) []T {
	out := slices.Clone(in)
	for i := range out {
		fix(&out[i])
	}
	return out
}

// deep copies what p points to and lets fix make the copy independent.
func deep[T any](p *T, fix func(*T)) *T {
	if p == nil {
		return nil
	}
	v := *p
	fix(&v)
	return &v
}

// The three lists below are long in practice, so their texts share an array.

func cloneTags(in []types.Tag) []types.Tag {
	texts := newSlab(2*len(in), 0)
	return each(in, func(t *types.Tag) { t.Key, t.Value = texts.copied(t.Key), texts.copied(t.Value) })
}

func clonePairs(in []types.KeyValuePair) []types.KeyValuePair {
	texts := newSlab(2*len(in), 0)
	return each(in, func(p *types.KeyValuePair) { p.Name, p.Value = texts.copied(p.Name), texts.copied(p.Value) })
}

func cloneSecrets(in []types.Secret) []types.Secret {
	texts := newSlab(2*len(in), 0)
	return each(in, func(s *types.Secret) { s.Name, s.ValueFrom = texts.copied(s.Name), texts.copied(s.ValueFrom) })
}

func cloneDefinition(in *types.TaskDefinition) types.TaskDefinition {
	d := *in
	d.Compatibilities = slices.Clone(d.Compatibilities)
	d.ContainerDefinitions = each(d.ContainerDefinitions, fixContainer)
	d.Cpu, d.Memory, d.Family = ptr(d.Cpu), ptr(d.Memory), ptr(d.Family)
	d.DeleteRequestedAt, d.DeregisteredAt, d.RegisteredAt = ptr(d.DeleteRequestedAt), ptr(d.DeregisteredAt), ptr(d.RegisteredAt)
	d.EnableFaultInjection = ptr(d.EnableFaultInjection)
	d.EphemeralStorage = ptr(d.EphemeralStorage)
	d.ExecutionRoleArn, d.TaskRoleArn = ptr(d.ExecutionRoleArn), ptr(d.TaskRoleArn)
	d.InferenceAccelerators = each(d.InferenceAccelerators, func(a *types.InferenceAccelerator) { //nolint:staticcheck // deprecated, and still part of a definition
		a.DeviceName, a.DeviceType = ptr(a.DeviceName), ptr(a.DeviceType)
	})
	d.PlacementConstraints = each(d.PlacementConstraints, func(p *types.TaskDefinitionPlacementConstraint) { p.Expression = ptr(p.Expression) })
	d.ProxyConfiguration = deep(d.ProxyConfiguration, func(p *types.ProxyConfiguration) {
		p.ContainerName, p.Properties = ptr(p.ContainerName), clonePairs(p.Properties)
	})
	d.RegisteredBy, d.TaskDefinitionArn = ptr(d.RegisteredBy), ptr(d.TaskDefinitionArn)
	d.RequiresAttributes = each(d.RequiresAttributes, func(a *types.Attribute) {
		a.Name, a.TargetId, a.Value = ptr(a.Name), ptr(a.TargetId), ptr(a.Value)
	})
	d.RequiresCompatibilities = slices.Clone(d.RequiresCompatibilities)
	d.RuntimePlatform = ptr(d.RuntimePlatform)
	d.Volumes = each(d.Volumes, fixVolume)
	return d
}

func fixContainer(c *types.ContainerDefinition) {
	c.Command, c.EntryPoint, c.CredentialSpecs = slices.Clone(c.Command), slices.Clone(c.EntryPoint), slices.Clone(c.CredentialSpecs)
	c.DependsOn = each(c.DependsOn, func(d *types.ContainerDependency) { d.ContainerName = ptr(d.ContainerName) })
	c.DisableNetworking, c.Essential, c.Interactive = ptr(c.DisableNetworking), ptr(c.Essential), ptr(c.Interactive)
	c.DnsSearchDomains, c.DnsServers = slices.Clone(c.DnsSearchDomains), slices.Clone(c.DnsServers)
	c.DockerLabels = maps.Clone(c.DockerLabels)
	c.DockerSecurityOptions = slices.Clone(c.DockerSecurityOptions)
	c.Environment = clonePairs(c.Environment)
	c.EnvironmentFiles = each(c.EnvironmentFiles, func(f *types.EnvironmentFile) { f.Value = ptr(f.Value) })
	c.ExtraHosts = each(c.ExtraHosts, func(h *types.HostEntry) { h.Hostname, h.IpAddress = ptr(h.Hostname), ptr(h.IpAddress) })
	c.FirelensConfiguration = deep(c.FirelensConfiguration, func(f *types.FirelensConfiguration) { f.Options = maps.Clone(f.Options) })
	c.HealthCheck = deep(c.HealthCheck, func(h *types.HealthCheck) {
		h.Command = slices.Clone(h.Command)
		h.Interval, h.Retries, h.StartPeriod, h.Timeout = ptr(h.Interval), ptr(h.Retries), ptr(h.StartPeriod), ptr(h.Timeout)
	})
	c.Hostname, c.Image, c.Name = ptr(c.Hostname), ptr(c.Image), ptr(c.Name)
	c.Links = slices.Clone(c.Links)
	c.LinuxParameters = deep(c.LinuxParameters, fixLinux)
	c.LogConfiguration = deep(c.LogConfiguration, func(l *types.LogConfiguration) {
		l.Options, l.SecretOptions = maps.Clone(l.Options), cloneSecrets(l.SecretOptions)
	})
	c.Memory, c.MemoryReservation = ptr(c.Memory), ptr(c.MemoryReservation)
	c.MountPoints = each(c.MountPoints, func(m *types.MountPoint) {
		m.ContainerPath, m.ReadOnly, m.SourceVolume = ptr(m.ContainerPath), ptr(m.ReadOnly), ptr(m.SourceVolume)
	})
	c.PortMappings = each(c.PortMappings, func(p *types.PortMapping) {
		p.ContainerPort, p.HostPort = ptr(p.ContainerPort), ptr(p.HostPort)
		p.ContainerPortRange, p.Name = ptr(p.ContainerPortRange), ptr(p.Name)
	})
	c.Privileged, c.PseudoTerminal, c.ReadonlyRootFilesystem = ptr(c.Privileged), ptr(c.PseudoTerminal), ptr(c.ReadonlyRootFilesystem)
	c.RepositoryCredentials = deep(c.RepositoryCredentials, func(r *types.RepositoryCredentials) {
		r.CredentialsParameter = ptr(r.CredentialsParameter)
	})
	c.ResourceRequirements = each(c.ResourceRequirements, func(r *types.ResourceRequirement) { r.Value = ptr(r.Value) })
	c.RestartPolicy = deep(c.RestartPolicy, func(r *types.ContainerRestartPolicy) {
		r.Enabled, r.IgnoredExitCodes, r.RestartAttemptPeriod = ptr(r.Enabled), slices.Clone(r.IgnoredExitCodes), ptr(r.RestartAttemptPeriod)
	})
	c.Secrets = cloneSecrets(c.Secrets)
	c.StartTimeout, c.StopTimeout = ptr(c.StartTimeout), ptr(c.StopTimeout)
	c.SystemControls = each(c.SystemControls, func(s *types.SystemControl) { s.Namespace, s.Value = ptr(s.Namespace), ptr(s.Value) })
	c.Ulimits = slices.Clone(c.Ulimits)
	c.User, c.WorkingDirectory = ptr(c.User), ptr(c.WorkingDirectory)
	c.VolumesFrom = each(c.VolumesFrom, func(v *types.VolumeFrom) { v.ReadOnly, v.SourceContainer = ptr(v.ReadOnly), ptr(v.SourceContainer) })
}

func fixLinux(l *types.LinuxParameters) {
	l.Capabilities = deep(l.Capabilities, func(k *types.KernelCapabilities) { k.Add, k.Drop = slices.Clone(k.Add), slices.Clone(k.Drop) })
	l.Devices = each(l.Devices, func(d *types.Device) {
		d.HostPath, d.ContainerPath, d.Permissions = ptr(d.HostPath), ptr(d.ContainerPath), slices.Clone(d.Permissions)
	})
	l.InitProcessEnabled, l.MaxSwap = ptr(l.InitProcessEnabled), ptr(l.MaxSwap)
	l.SharedMemorySize, l.Swappiness = ptr(l.SharedMemorySize), ptr(l.Swappiness)
	l.Tmpfs = each(l.Tmpfs, func(t *types.Tmpfs) {
		t.ContainerPath, t.MountOptions = ptr(t.ContainerPath), slices.Clone(t.MountOptions)
	})
}

func fixVolume(v *types.Volume) {
	v.ConfiguredAtLaunch, v.Name = ptr(v.ConfiguredAtLaunch), ptr(v.Name)
	v.DockerVolumeConfiguration = deep(v.DockerVolumeConfiguration, func(d *types.DockerVolumeConfiguration) {
		d.Autoprovision, d.Driver = ptr(d.Autoprovision), ptr(d.Driver)
		d.DriverOpts, d.Labels = maps.Clone(d.DriverOpts), maps.Clone(d.Labels)
	})
	v.EfsVolumeConfiguration = deep(v.EfsVolumeConfiguration, func(e *types.EFSVolumeConfiguration) {
		e.FileSystemId, e.RootDirectory, e.TransitEncryptionPort = ptr(e.FileSystemId), ptr(e.RootDirectory), ptr(e.TransitEncryptionPort)
		e.AuthorizationConfig = deep(e.AuthorizationConfig, func(a *types.EFSAuthorizationConfig) { a.AccessPointId = ptr(a.AccessPointId) })
	})
	v.FsxWindowsFileServerVolumeConfiguration = deep(v.FsxWindowsFileServerVolumeConfiguration, func(f *types.FSxWindowsFileServerVolumeConfiguration) {
		f.FileSystemId, f.RootDirectory = ptr(f.FileSystemId), ptr(f.RootDirectory)
		f.AuthorizationConfig = deep(f.AuthorizationConfig, func(a *types.FSxWindowsFileServerAuthorizationConfig) {
			a.CredentialsParameter, a.Domain = ptr(a.CredentialsParameter), ptr(a.Domain)
		})
	})
	v.Host = deep(v.Host, func(h *types.HostVolumeProperties) { h.SourcePath = ptr(h.SourcePath) })
	v.S3filesVolumeConfiguration = deep(v.S3filesVolumeConfiguration, func(s *types.S3FilesVolumeConfiguration) {
		s.FileSystemArn, s.AccessPointArn = ptr(s.FileSystemArn), ptr(s.AccessPointArn)
		s.RootDirectory, s.TransitEncryptionPort = ptr(s.RootDirectory), ptr(s.TransitEncryptionPort)
	})
}

func cloneStrategy(in []types.CapacityProviderStrategyItem) []types.CapacityProviderStrategyItem {
	return each(in, func(i *types.CapacityProviderStrategyItem) { i.CapacityProvider = ptr(i.CapacityProvider) })
}

func cloneNetwork(in *types.NetworkConfiguration) *types.NetworkConfiguration {
	return deep(in, func(n *types.NetworkConfiguration) {
		n.AwsvpcConfiguration = deep(n.AwsvpcConfiguration, func(v *types.AwsVpcConfiguration) {
			v.Subnets, v.SecurityGroups = slices.Clone(v.Subnets), slices.Clone(v.SecurityGroups)
		})
	})
}

// cloneRollout copies a deployment configuration. Hook details are documents that nobody can change in place.
func cloneRollout(in *types.DeploymentConfiguration) *types.DeploymentConfiguration {
	return deep(in, func(d *types.DeploymentConfiguration) {
		d.Alarms = deep(d.Alarms, func(a *types.DeploymentAlarms) { a.AlarmNames = slices.Clone(a.AlarmNames) })
		d.BakeTimeInMinutes, d.MaximumPercent, d.MinimumHealthyPercent = ptr(d.BakeTimeInMinutes), ptr(d.MaximumPercent), ptr(d.MinimumHealthyPercent)
		d.CanaryConfiguration = deep(d.CanaryConfiguration, func(c *types.CanaryConfiguration) {
			c.CanaryBakeTimeInMinutes, c.CanaryPercent = ptr(c.CanaryBakeTimeInMinutes), ptr(c.CanaryPercent)
		})
		d.DeploymentCircuitBreaker = deep(d.DeploymentCircuitBreaker, func(b *types.DeploymentCircuitBreaker) {
			b.ResetOnHealthyTask, b.ThresholdConfiguration = ptr(b.ResetOnHealthyTask), ptr(b.ThresholdConfiguration)
		})
		d.EarlySuccessCriteria = deep(d.EarlySuccessCriteria, func(e *types.DeploymentEarlySuccessCriteria) { e.HealthyPercent = ptr(e.HealthyPercent) })
		d.LifecycleHooks = each(d.LifecycleHooks, func(h *types.DeploymentLifecycleHook) {
			h.HookTargetArn, h.RoleArn = ptr(h.HookTargetArn), ptr(h.RoleArn)
			h.LifecycleStages, h.TimeoutConfiguration = slices.Clone(h.LifecycleStages), deep(h.TimeoutConfiguration, fixHookTimeout)
		})
		d.LinearConfiguration = deep(d.LinearConfiguration, func(l *types.LinearConfiguration) {
			l.StepBakeTimeInMinutes, l.StepPercent = ptr(l.StepBakeTimeInMinutes), ptr(l.StepPercent)
		})
	})
}

func fixHookTimeout(t *types.DeploymentLifecycleHookTimeoutConfiguration) {
	t.TimeoutInMinutes = ptr(t.TimeoutInMinutes)
}
