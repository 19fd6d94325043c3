/**
 * The output of the program without arguments: what it does, the demo, a live check, a file, help.
 */
export const startHere = `Will an operation on an encrypted RDS or Aurora database succeed? Why not?
  Demo      aurora-kms-check restore --demo --snapshot orders-before-upgrade
  On AWS    aurora-kms-check restore --principal role/NAME --snapshot NAME
  On files  aurora-kms-check restore --evidence evidence.json --snapshot NAME
  Help      aurora-kms-check --help
`;
