<!DOCTYPE html>
<html lang="${lang}" dir="${dir}" data-realm="${realm}" data-address="${address}" data-server="${server}" data-admin="${admin}" data-client="${client}" data-master="${master}" data-dark="${dark}" data-version="${version}" data-base="${base}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light${(dark == "true")?then(" dark", "")}">
    <title>${title}</title>
    <link rel="icon" href="${base}icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="${resources}/vendor/patternfly-v5/patternfly.min.css">
    <link rel="stylesheet" href="${resources}/vendor/patternfly-v5/patternfly-addons.css">
    <link rel="stylesheet" href="${base}console.css">
    <script type="module" src="${base}console.js"></script>
  </head>
  <body></body>
</html>
