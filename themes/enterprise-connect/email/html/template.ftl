<#macro emailLayout>
<!DOCTYPE html>
<html lang="${locale.toLanguageTag()}" dir="${(ltr)?then('ltr','rtl')}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${subject!realmName}</title>
  <style>
    body { margin: 0; padding: 24px 12px; background: #eef4f3; color: #16302e; font: 16px/1.5 Arial, Helvetica, sans-serif; }
    main { max-width: 560px; margin: 0 auto; padding: 24px; background: #ffffff; border-top: 4px solid #00695c; border-radius: 8px; }
    header { max-width: 560px; margin: 0 auto 12px; font-weight: bold; color: #0f4c4a; }
    h1 { margin: 0 0 16px; font-size: 20px; line-height: 1.3; }
    a { color: #00695c; }
    @media (prefers-color-scheme: dark) {
      body { background: #0a2423; color: #e3efed; }
      main { background: #12302e; border-top-color: #5fd6c0; }
      header { color: #8fe6d5; }
      a { color: #5fd6c0; }
    }
  </style>
</head>
<body>
  <header>${realmName}</header>
  <main>
    <#if subject??><h1>${subject}</h1></#if>
    <#nested>
  </main>
</body>
</html>
</#macro>
