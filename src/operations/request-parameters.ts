import { type OperationParameters, type Parameter, type ParameterRow, parameterTable } from './parameters.ts';

/* Access to parameters by their flag. */

function isParameter(flag: string): flag is Parameter {
  return Object.hasOwn(parameterTable, flag);
}

const everyParameter: readonly Parameter[] = Object.keys(parameterTable).filter(isParameter);

/** Every parameter by its flag, in the order of the table. */
export function allParameters(): readonly Parameter[] {
  return everyParameter;
}

/** The row of a parameter. */
export function rowOf(flag: Parameter): ParameterRow {
  return parameterTable[flag];
}

/** The value of a parameter by its flag. Undefined: the request leaves it out. */
export function valueOf(
  parameters: OperationParameters,
  flag: Parameter,
): OperationParameters[keyof OperationParameters] {
  return parameters[parameterTable[flag].property];
}

/** The flags of the parameters that are given. */
export function givenIn(parameters: OperationParameters): readonly Parameter[] {
  return allParameters().filter((flag) => valueOf(parameters, flag) !== undefined);
}

/** Only these parameters of `from`. */
export function pickParameters(
  from: OperationParameters,
  flags: readonly Parameter[] = allParameters(),
): OperationParameters {
  const given = givenIn(from).filter((flag) => flags.includes(flag));
  return Object.fromEntries(given.map((flag) => [parameterTable[flag].property, valueOf(from, flag)]));
}

/** The first parameter that names a resource of each type. */
const namingParameters: ReadonlyMap<string, Parameter> = new Map(
  everyParameter.toReversed().flatMap((flag) => {
    const { names } = rowOf(flag);
    return names === undefined ? [] : [[names, flag]];
  }),
);

/** The parameter that names a resource of a type. Undefined: none does. */
export function parameterNaming(type: string): Parameter | undefined {
  return namingParameters.get(type);
}

/** A request with one parameter. */
export function requestWith(flag: Parameter, value: string): OperationParameters {
  return { [parameterTable[flag].property]: value };
}

/** The roles that a request passes to a service, as the request names them. */
export function rolesPassed({
  iamRole,
  monitoringRoleArn,
  domainIamRoleName,
  associatedRoles = [],
}: OperationParameters): readonly string[] {
  return [iamRole, monitoringRoleArn, domainIamRoleName, ...associatedRoles].filter((one) => one !== undefined);
}
