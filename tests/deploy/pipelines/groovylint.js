// What the linter of the Jenkinsfile is to look for.
module.exports = {
  extends: 'recommended-jenkinsfile',
  rules: {
    // A pipeline says the same words in many stages: that is what makes it plain.
    'dry.DuplicateListLiteral': 'off',
    'dry.DuplicateMapLiteral': 'off',
    'dry.DuplicateNumberLiteral': 'off',
    'dry.DuplicateStringLiteral': 'off',
  },
};
