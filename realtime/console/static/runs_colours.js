// A colour a run, told apart also by those who see few colours; 4.5 : 1 and more on the ground.
const COLOURS = [
  "#f0a93b", "#6fb7ff", "#55c98a", "#ff8fa3", "#c9a5ff", "#ffe27a", "#5fd6d6", "#d9dde5",
];

export const colourOf = (place) => COLOURS[(place + COLOURS.length) % COLOURS.length];
