import type { TerraformPlan } from './plan-file.ts';

type Configs = TerraformPlan['configuration']['provider_config'];

/**
 * The plan with the configuration of each provider that a module inherits implicitly. If a module
 * between the root and the resource declares no provider, Terraform prints an empty entry for the
 * inner module: `module.a.module.b:aws`. A provider that is passed explicitly is printed as the key
 * of the other provider.
 */
export function withInheritedProviders(plan: TerraformPlan): TerraformPlan {
  const { configuration } = plan;
  const configs = configuration.provider_config;
  const meant = Object.entries(configs).map(([key, config]) => [key, inherited(configs, config) ?? config] as const);
  return { ...plan, configuration: { ...configuration, provider_config: Object.fromEntries(meant) } };
}

/** The nearest provider of the name above a module. Undefined: the provider is the module's own. */
function inherited(configs: Configs, { name, alias, module_address: module, expressions }: Configs[string]) {
  if (module === undefined || alias !== undefined || Object.keys(expressions).length > 0) return undefined;
  const modules = module.split(/\.(?=module\.)/);
  const above = modules.map((_, left) => modules.slice(0, modules.length - 1 - left).join('.'));
  return above
    .map((address) => (address === '' ? name : `${address}:${name}`))
    .map((key) => (Object.hasOwn(configs, key) ? configs[key] : undefined))
    .find(
      (config) =>
        config !== undefined && (config.module_address === undefined || Object.keys(config.expressions).length > 0),
    );
}
